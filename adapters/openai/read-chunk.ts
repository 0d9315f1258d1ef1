import { createNameMap } from "../tool-names.ts";
import { isObject, type Json } from "../validate.ts";
import { toFinishReason } from "./finish-reason.ts";
import { createNewText } from "./new-text.ts";
import { createAudioReader } from "./read-audio.ts";
import { readContent, readImages } from "./read-content.ts";
import { readFailure } from "./read-failure.ts";
import { createThoughtReader } from "./read-thoughts.ts";
import { createTagStage } from "./tag-stage.ts";
import { toolNameRule } from "./tool-name-rule.ts";
import { createCallTracker, type CallTracker } from "./track-calls.ts";
import { createCitationTracker } from "./track-citations.ts";
import { parseUsage } from "./usage.ts";
import type { Quirks } from "./quirks.ts";
import type { StreamEvent, UnifiedRequest, Usage } from "../unified.ts";

export interface ChunkReader {
  /** The events of one chunk. A full answer is read the same way: its `message` is one large delta. */
  take: (chunk: unknown) => StreamEvent[];
  /** What `take` does for a chunk of the first answer that holds this text alone; returns false where it does more. */
  takeText: (text: string, out: StreamEvent[]) => boolean;
  /** Closes what is open and gives the finish. */
  finish: () => StreamEvent[];
  /** Something that looks like an answer was read. */
  begun: () => boolean;
  /** A finish reason was read: the end may come without further notice. */
  ended: () => boolean;
}

/** Chunks (or one full answer) of a provider → events. An `error` event is the last that `take` gives. */
export function createChunkReader(
  request: UnifiedRequest,
  quirks: Pick<Quirks, "cumulative" | "thinkTags" | "reasoningDetails">,
): ChunkReader {
  const { cumulative, thinkTags } = quirks;
  // Most answers hold no calls.
  let tracker: CallTracker | undefined;
  const calls = (): CallTracker => (tracker ??= trackCalls(request, cumulative === true));
  const newText = cumulative ? createNewText(cumulative) : (events: StreamEvent[]) => events;
  const tags = thinkTags ? createTagStage() : undefined;
  const thoughts = createThoughtReader(quirks);
  const audio = createAudioReader(request);
  const citations = createCitationTracker();
  // Nothing has to be looked for in the text.
  const isPlain = !cumulative && !thinkTags && !quirks.reasoningDetails;
  let started = false;
  let wrote = false;
  let choiceIndex: number | undefined;
  let reason: string | undefined;
  let stopSequence: string | undefined;
  let usage: Usage | undefined;

  const start = (chunk: Json, out: StreamEvent[]): void => {
    if (started) return;
    started = true;
    const { id, model } = chunk;
    out.push({
      type: "start",
      id: typeof id === "string" && id !== "" ? id : undefined,
      model: typeof model === "string" && model !== "" ? model : undefined,
    });
  };

  const takeText = (text: string, out: StreamEvent[]): void => {
    wrote = true;
    if (tracker) for (const call of tracker.flush()) out.push(call);
    out.push({ type: "text-delta", text });
    citations.wrote(text.length);
  };
  const takeDelta = (delta: Json, out: StreamEvent[]): void => {
    const plain = isPlain ? readPlain(delta) : undefined;
    if (plain !== undefined) return takeText(plain, out);
    const images = readImages(delta.images);
    const sourced = Array.isArray(delta.annotations) && delta.annotations.length > 0;
    const others = images.length > 0 || typeof delta.refusal === "string" || hasCalls(delta) || sourced;
    const written = readContent(delta.content);
    const spoken = audio.take(delta.audio);
    wrote ||= written.some(({ type }) => type === "text-delta");
    // Where the answer is also written, what is said aloud is the same.
    const said = [...written, ...(wrote ? [] : spoken)];
    const read = newText([...thoughts.take(delta, others || said.length > 0), ...said]);
    citations.read(read);
    const content = tags ? tags.push(read) : read;
    if (tags && others) content.push(...tags.flush());
    content.push(...images);
    if (typeof delta.refusal === "string" && delta.refusal !== "") {
      content.push({ type: "refusal-delta", text: delta.refusal });
    }
    if (content.length) out.push(...thoughts.sign(tracker?.flush() ?? []), ...content);
    citations.told(content);
    out.push(...citations.take(delta.annotations));
    if (!hasCalls(delta)) return;
    const called = thoughts.sign(takeCalls(delta));
    out.push(...citations.release(), ...called);
    citations.told(called);
  };
  const takeCalls = (delta: Json): StreamEvent[] => {
    if (Array.isArray(delta.tool_calls)) return calls().take(delta.tool_calls);
    // The form before tools, still the only one of some servers.
    return isObject(delta.function_call) ? calls().take([{ index: 0, function: delta.function_call }]) : [];
  };

  const takeChoice = (choice: Json, out: StreamEvent[]): void => {
    const delta = isObject(choice.delta) ? choice.delta : choice.message;
    if (isObject(delta)) takeDelta(delta, out);
    else if (typeof choice.text === "string") {
      const read = readContent(choice.text);
      out.push(...(tags ? tags.push(read) : read));
    }
    const logprobs = readLogprobs(choice.logprobs);
    if (logprobs.length) out.push({ type: "logprobs", logprobs });
    if (typeof choice.finish_reason === "string" && choice.finish_reason !== "")
      reason = choice.finish_reason;
    // vLLM tells which stop text ended the answer.
    if (typeof choice.stop_reason === "string") stopSequence = choice.stop_reason;
    // Moonshot counts inside the choice.
    usage = parseUsage(choice.usage) ?? usage;
  };

  return {
    take(chunk) {
      if (!isObject(chunk)) return [];
      const failure = readFailure(chunk);
      if (failure) return [{ type: "error", error: failure }];
      const out: StreamEvent[] = [];
      const choices: unknown[] = Array.isArray(chunk.choices) ? chunk.choices : [];
      if (Array.isArray(chunk.choices) || chunk.usage !== undefined) start(chunk, out);
      citations.takeSources(chunk);
      for (const choice of choices) {
        if (!isObject(choice)) continue;
        const index = typeof choice.index === "number" ? choice.index : 0;
        // Alternative answers beside the first are for clients that get the provider's bytes as they are.
        choiceIndex ??= index;
        if (index === choiceIndex) takeChoice(choice, out);
      }
      // Groq counts under its own name; others count in every chunk, and the last count is the full one.
      usage =
        parseUsage(chunk.usage) ??
        parseUsage(isObject(chunk.x_groq) ? chunk.x_groq.usage : undefined) ??
        usage;
      return out;
    },
    takeText(text, out) {
      if (!isPlain || choiceIndex !== 0) return false;
      takeText(text, out);
      return true;
    },
    finish() {
      const rest = [...thoughts.end(), ...(tags?.flush() ?? [])];
      citations.told(rest);
      const out = [...rest, ...citations.release(), ...audio.end(), ...thoughts.sign(tracker?.end() ?? [])];
      out.push({
        type: "finish",
        reason: finishReason(reason ?? "stop", tracker?.count() ?? 0),
        usage,
        stopSequence,
      });
      return out;
    },
    begun: () => started,
    ended: () => reason !== undefined,
  };
}

function trackCalls(request: UnifiedRequest, cumulative: boolean): CallTracker {
  const names = createNameMap(request, toolNameRule);
  const wireNames = new Set(request.tools?.map((tool) => names.toWire(tool.name)));
  return createCallTracker({
    fromWire: names.fromWire,
    isTool: (name) => wireNames.has(name),
    onlyTool: wireNames.size === 1 ? [...wireNames][0] : undefined,
    cumulative,
  });
}

/** The text of a delta that holds nothing else, as most do. */
function readPlain(delta: Json): string | undefined {
  const { content } = delta;
  if (typeof content !== "string" || content === "") return undefined;
  for (const key in delta) if (key !== "content" && key !== "role" && delta[key] !== null) return undefined;
  return content;
}

/** "stop" with calls means the calls; "tool_calls" without any would leave clients waiting for one. */
function finishReason(word: string, calls: number) {
  const reason = toFinishReason(word);
  if (reason === "stop" && calls > 0) return "tool-calls";
  return reason === "tool-calls" && calls === 0 ? "stop" : reason;
}

/** Of the text, or of the refusal that stands in its place. */
function readLogprobs(logprobs: unknown): unknown[] {
  if (!isObject(logprobs)) return [];
  const { content, refusal } = logprobs;
  return [content, refusal].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
}

const hasCalls = (delta: Json): boolean =>
  (Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0) || isObject(delta.function_call);
