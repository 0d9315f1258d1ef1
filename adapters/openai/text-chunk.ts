import { createTextFrames } from "../text-frames.ts";
import { isObject } from "../validate.ts";

/** Chunks that say a piece of the answer's text and nothing else, once it has begun: what `read-chunk` would read. */
export const createTextChunks = createTextFrames({
  open: /^data: ?/,
  close: "\n\n",
  place: "choices.0.delta.content",
  idle: new Set(["id", "created", "model", "system_fingerprint", "obfuscation"]),
  isText,
});

function isText(chunk: unknown): boolean {
  if (!isObject(chunk) || !hasOnly(chunk, CHUNK)) return false;
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1) return false;
  const [choice] = choices as unknown[];
  if (!isObject(choice) || !hasOnly(choice, CHOICE)) return false;
  const { delta, index = 0, finish_reason: reason } = choice;
  return index === 0 && !reason && isObject(delta) && hasOnly(delta, DELTA);
}

/** What is null says nothing. */
function hasOnly(held: Record<string, unknown>, names: ReadonlySet<string>): boolean {
  for (const name in held) if (held[name] !== null && !names.has(name)) return false;
  return true;
}

const CHUNK: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "system_fingerprint",
  "service_tier",
  "provider",
  "obfuscation",
  "choices",
]);
const CHOICE: ReadonlySet<string> = new Set(["index", "delta", "finish_reason"]);
const DELTA: ReadonlySet<string> = new Set(["role", "content"]);
