import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { isObject, type Json } from "../../../adapters/validate.ts";
import type { ProtocolName } from "../daemon.ts";
import { claude } from "./claude.ts";
import { gemini, geminiArray } from "./gemini.ts";
import { ollamaGenerate } from "./ollama-generate.ts";
import { ollama } from "./ollama.ts";
import { openaiCompletions } from "./openai-completions.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openai } from "./openai.ts";
import { must, type Frame, type Schema, type WireRules } from "./schema.ts";

export interface Answer {
  status: number;
  contentType: string;
  /** The body. */
  text: string;
}

/**
 * Throws where an answer is not what the official SDK of its protocol declares. `kind`: as it was asked for. The
 * protocols' second ways to chat are under names of their own: "openai completions".
 */
export function checkAnswer(protocol: string, kind: "whole" | "stream", answer: Answer): void {
  const rules: WireRules | undefined = RULES[protocol as keyof typeof RULES];
  if (!rules) throw new Error(`no wire schemas for ${protocol}`);
  const expected = answer.status === 200 ? kind : "error";
  const place = `${protocol} ${expected}`;
  const type = rules.contentTypes[expected];
  must(type.test(answer.contentType), `${place}: content-type ${answer.contentType} is not ${type}`);
  if (expected === "stream") return checkStream(rules, place, answer.text);
  const isArray = rules.framing === "array" && kind === "stream";
  if (isArray)
    for (const { data } of readArray(rules, place, answer.text))
      conform(rules[expected], data as Json, place);
  else conform(rules[expected], readJson(answer.text, place), place);
}

function checkStream(rules: WireRules, place: string, text: string): void {
  const frames = READERS[rules.framing](rules, place, text);
  must(frames.length > 0, `${place}: no frames`);
  for (const { data, event } of frames) {
    if (data === "[DONE]") continue;
    const kind = rules.kindOf(data);
    const schema = typeof kind === "string" ? rules.frames[kind] : undefined;
    must(Boolean(schema), `${place}: there are no ${String(kind)} frames: ${JSON.stringify(data)}`);
    must(event === (rules.isNamed ? kind : undefined), `${place}: a ${String(kind)} frame as event ${event}`);
    conform(schema ?? false, data, `${place}, ${String(kind)}`);
  }
  try {
    rules.checkSequence(frames);
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}\n${text}`, { cause: error });
  }
}

/** Written anew and narrower than ours: a reader that forgives would hide what is to be seen. */
function readSse(rules: WireRules, place: string, body: string): Frame[] {
  // Either line end is right.
  const text = body.replaceAll("\r\n", "\n");
  must(text.endsWith("\n\n"), `${place}: the last event is not ended by a blank line`);
  return text
    .slice(0, -2)
    .split("\n\n")
    .flatMap((block): Frame[] => {
      // A comment keeps the connection alive.
      if (block.startsWith(":")) return [];
      const [, event, data] = /^(?:event: (.+)\n)?data: (.+)$/.exec(block) ?? [];
      must(data !== undefined, `${place}: not an event: ${block}`);
      if (data === rules.terminator) return [{ data: "[DONE]" }];
      return [{ event, data: readJson(data, place) }];
    });
}

function readNdjson(_rules: WireRules, place: string, text: string): Frame[] {
  must(text.endsWith("\n"), `${place}: the last line has no end`);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => ({ data: readJson(line, place) }));
}

/** One JSON array, an item for each frame. */
function readArray(_rules: WireRules, place: string, text: string): Frame[] {
  const items: unknown = JSON.parse(text);
  must(Array.isArray(items), `${place}: not an array: ${text}`);
  return items.map((data: unknown) => {
    must(isObject(data), `${place}: not an object: ${JSON.stringify(data)}`);
    return { data };
  });
}

function readJson(text: string, place: string): Json {
  const value: unknown = JSON.parse(text);
  must(isObject(value), `${place}: not an object: ${text}`);
  return value;
}

export function conform(schema: Schema, value: Json, place: string): void {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return;
  const said = ajv.errorsText(validate.errors, { dataVar: "answer" });
  throw new Error(`${place}: ${said}\n${JSON.stringify(value)}`);
}

const READERS = { sse: readSse, ndjson: readNdjson, array: readArray };
const RULES: Record<ProtocolName | "openai completions" | "gemini array" | "ollama generate", WireRules> = {
  openai,
  "openai-responses": openaiResponses,
  claude,
  gemini,
  ollama,
  "openai completions": openaiCompletions,
  "gemini array": geminiArray,
  "ollama generate": ollamaGenerate,
};
const ajv = new Ajv2020({ strict: false, allErrors: false, discriminator: true });
const compiled = new Map<Schema, ValidateFunction>();
