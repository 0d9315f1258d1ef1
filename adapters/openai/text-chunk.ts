import { createTextFrames } from "../text-frames.ts";
import { holdsOnly, isObject, type Json } from "../validate.ts";
import { ABOUT_ANSWER } from "./answer-fields.ts";

/** Chunks that say a piece of the answer's text and nothing else, once it has begun: what `read-chunk` would read. */
export const createTextChunks = createTextFrames({
  open: /^data: ?/,
  close: "\n\n",
  place: "choices.0.delta.content",
  idle: new Set(["id", "created", "model", "system_fingerprint", "obfuscation"]),
  isText,
});

function isText(chunk: Json): boolean {
  if (!holdsOnly(chunk, CHUNK)) return false;
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1) return false;
  const [choice] = choices as unknown[];
  if (!isObject(choice) || !holdsOnly(choice, CHOICE)) return false;
  const { delta, index = 0, finish_reason: reason } = choice;
  return index === 0 && !reason && isObject(delta) && holdsOnly(delta, DELTA);
}

const CHUNK: ReadonlySet<string> = new Set([...ABOUT_ANSWER, "obfuscation", "choices"]);
const CHOICE: ReadonlySet<string> = new Set(["index", "delta", "finish_reason"]);
const DELTA: ReadonlySet<string> = new Set(["role", "content"]);
