import { toArgsText } from "../call-args.ts";
import { normaliseMimeType, parseMediaUrl } from "../data-url.ts";
import { GatewayError } from "../errors.ts";
import type { NameMap } from "../tool-names.ts";
import type { StreamEvent, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { isFailure, toFinishReason } from "./finish-reason.ts";
import { readLogprobs } from "./logprobs.ts";
import { createEndReader } from "./native-end.ts";
import { toStreamError } from "./parse-error.ts";
import { describePart } from "./parse-part.ts";
import { readField } from "./read-field.ts";
import { createSourceReader } from "./read-sources.ts";
import { readUsage } from "./usage.ts";
import { PROTOCOL } from "./wire.ts";

export interface ChunkReader {
  /** Reads one response or piece of one; after an error nothing more is given. */
  take: (chunk: unknown, out: StreamEvent[]) => void;
  /** The end: a finish or an error. `whole`: the answer came as one body, so that nothing can be missing. */
  close: (out: StreamEvent[], options?: { whole: boolean }) => void;
  done: () => boolean;
}

export interface ReadOptions {
  names: NameMap;
  /** Every text holds all of it so far (some gateways). */
  cumulative: boolean;
}

/** Gemini's responses → unified events. Full answers go through it as well, so that both mean the same. */
export function createChunkReader({ names, cumulative }: ReadOptions): ChunkReader {
  const newText = cumulative ? createSuffix() : (text: string): string => text;
  const newThought = cumulative ? createSuffix() : (text: string): string => text;
  const sources = createSourceReader();
  const end = createEndReader();
  let started = false;
  let thinks = false;
  let calls = 0;
  let usage: Usage | undefined;
  let reason: string | undefined;
  let message: string | undefined;
  let blocked: string | undefined;
  let done = false;

  const fail = (error: GatewayError, out: StreamEvent[]): void => {
    done = true;
    out.push({ type: "error", error });
  };
  const start = (chunk: Json, out: StreamEvent[]): void => {
    if (started) return;
    started = true;
    const id = readField(chunk, "responseId");
    const model = readField(chunk, "modelVersion");
    out.push({
      type: "start",
      ...(typeof id === "string" && { id }),
      ...(typeof model === "string" && { model }),
      ...(usage && { usage }),
    });
  };
  const takePart = (part: Json, out: StreamEvent[]): void => {
    const seal = readField(part, "thoughtSignature");
    const signature = typeof seal === "string" && seal !== "" ? { origin: PROTOCOL, value: seal } : undefined;
    const call = readField(part, "functionCall");
    if (isObject(call)) return takeCall(call, signature, out);
    if (part.thought === true) {
      const text = typeof part.text === "string" ? newThought(part.text) : "";
      if (text !== "") out.push({ type: "thinking-delta", text });
      thinks = !signature;
      if (signature) out.push({ type: "thinking-signature", signature });
      return;
    }
    // Gemini 2.5 signs the first part behind the thoughts.
    if (signature && thinks) out.push({ type: "thinking-signature", signature });
    const text = typeof part.text === "string" ? newText(part.text) : "";
    if (text !== "") out.push({ type: "text-delta", text });
    else if (part.text === undefined) takeOther(part, out);
    // What Gemini 3 signs at the end of a text it would like to have back, but does not need: clients of other protocols
    // take an answer that ends on a thought for none.
    if (signature && !thinks && part.text !== undefined)
      out.push(toNative({ text: "", thoughtSignature: seal }));
    if (text !== "" || signature) thinks = false;
  };
  const takeCall = (
    call: Json,
    signature: { origin: string; value: string } | undefined,
    out: StreamEvent[],
  ): void => {
    // A piece of a call whose arguments are streamed, which we never ask for.
    if (typeof call.name !== "string" || call.name === "") return;
    thinks = false;
    const index = calls++;
    const id = typeof call.id === "string" && call.id !== "" ? { id: call.id } : {};
    const name = names.fromWire(call.name);
    out.push(
      { type: "tool-start", index, ...id, name, ...(signature && { signature }) },
      { type: "tool-delta", index, json: toArgsText(call.args) },
    );
  };
  const takeCandidate = (candidate: Json, out: StreamEvent[]): void => {
    const content = isObject(candidate.content) ? candidate.content : {};
    const parts: unknown[] = Array.isArray(content.parts) ? content.parts : [];
    const from = out.length;
    for (const part of parts) if (isObject(part)) takePart(part, out);
    sources.take(candidate);
    sources.follow(out, from);
    const logprobs = readLogprobs(readField(candidate, "logprobsResult"));
    if (logprobs.length) out.push({ type: "logprobs", logprobs });
    const given = readField(candidate, "finishReason");
    if (typeof given === "string" && given !== "FINISH_REASON_UNSPECIFIED") reason = given;
    const told = readField(candidate, "finishMessage");
    if (typeof told === "string" && told !== "") message = told;
  };
  const finish = (word: string, out: StreamEvent[]): void => {
    done = true;
    sources.close(out);
    const told = blocked ?? message;
    const finishReason = toFinishReason(word, calls > 0);
    if (finishReason === "content-filter" && told !== undefined)
      out.push({ type: "refusal-delta", text: told });
    const native = end.native();
    out.push({ type: "finish", reason: finishReason, ...(usage && { usage }), ...(native && { native }) });
  };
  const takeChunk = (given: unknown, out: StreamEvent[]): void => {
    if (done || !isObject(given)) return;
    // Google's Code Assist wraps every response.
    const chunk = isObject(given.response) && given.candidates === undefined ? given.response : given;
    if (chunk.error) return fail(toStreamError(chunk.error), out);
    usage = readUsage(readField(chunk, "usageMetadata"), usage);
    blocked = readBlock(readField(chunk, "promptFeedback")) ?? blocked;
    const candidates: unknown[] = Array.isArray(chunk.candidates) ? chunk.candidates : [];
    const candidate = candidates.find((item) => isObject(item) && (item.index ?? 0) === 0);
    end.take(chunk, candidate);
    if (blocked !== undefined || candidate) start(chunk, out);
    if (isObject(candidate)) takeCandidate(candidate, out);
  };
  return {
    take(given, out) {
      const chunks: unknown[] = Array.isArray(given) ? given : [given];
      for (const chunk of chunks) takeChunk(chunk, out);
    },
    close(out, { whole } = { whole: false }) {
      if (done) return;
      // Gemini ends some streams without a candidate after a blocked prompt.
      const word = reason ?? (blocked === undefined ? (whole && started ? "STOP" : undefined) : "SAFETY");
      if (word === undefined) {
        return fail(
          new GatewayError(
            "upstream",
            whole ? NO_CANDIDATE : "the provider's answer ended before it was finished",
          ),
          out,
        );
      }
      if (isFailure(word) && calls === 0) {
        const said = message === undefined ? "" : `: ${message.slice(0, 500)}`;
        return fail(
          new GatewayError("upstream", `the model's answer cannot be read (${word})${said}`, {
            code: word.toLowerCase(),
          }),
          out,
        );
      }
      finish(word, out);
    },
    done: () => done,
  };
}

function takeOther(part: Json, out: StreamEvent[]): void {
  const blob = readField(part, "inlineData");
  const file = readField(part, "fileData");
  if (isObject(blob) && typeof blob.data === "string") {
    const mimeType = readField(blob, "mimeType");
    const source = { kind: "base64" as const, data: blob.data };
    const named = typeof mimeType === "string" ? normaliseMimeType(mimeType) : "application/octet-stream";
    const native = { origin: PROTOCOL, body: part };
    out.push({ type: "media", media: { type: "media", mimeType: named, source, native } });
  } else if (isObject(file)) {
    const uri = readField(file, "fileUri");
    const mimeType = readField(file, "mimeType");
    if (typeof uri !== "string") return;
    const named = typeof mimeType === "string" ? { mimeType: normaliseMimeType(mimeType) } : {};
    const native = { origin: PROTOCOL, body: part };
    out.push({ type: "media", media: { type: "media", ...parseMediaUrl(uri), ...named, native } });
  } else {
    const said = describePart(part);
    if (said === undefined) return;
    const text = `\n${said}\n`;
    out.push(toNative(part, text), { type: "text-delta", text });
  }
}

/** A part for Gemini's own clients; `said` is the text behind it, which says the same to all others. */
const toNative = (part: Json, said?: string): StreamEvent => ({
  type: "native",
  native: { origin: PROTOCOL, body: { part, ...(said !== undefined && { said }) } },
});

/** Why the prompt was refused, as a sentence. */
function readBlock(feedback: unknown): string | undefined {
  if (!isObject(feedback)) return undefined;
  const reason = readField(feedback, "blockReason");
  if (typeof reason !== "string" || reason === "BLOCKED_REASON_UNSPECIFIED") return undefined;
  const message = readField(feedback, "blockReasonMessage");
  return typeof message === "string" && message !== ""
    ? message
    : `The prompt was blocked by the provider (${reason}).`;
}

/** What a text adds to the one before it; text that does not go on from it is taken as new. */
function createSuffix(): (text: string) => string {
  let seen = "";
  return (text) => {
    const piece = text.startsWith(seen) ? text.slice(seen.length) : text;
    seen = text.startsWith(seen) ? text : seen + text;
    return piece;
  };
}

const NO_CANDIDATE = "the provider answered without a candidate, expected one";
