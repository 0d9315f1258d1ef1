import { isObject } from "../validate.ts";

/** One exchange of a conversation led over `/api/generate`. */
export interface Turn {
  prompt: string;
  response: string;
}

/**
 * `context` of `/api/generate`: a list of numbers that a client sends back to go on with the conversation. Ollama's
 * are tokens; ours are the bytes of the conversation's text behind a mark, so that nothing needs to be stored. Old
 * turns are left out when it grows too long.
 */
export function writeGenerateContext(turns: readonly Turn[]): number[] {
  let kept = turns;
  let bytes = encode(kept);
  while (bytes.length > MAX_BYTES && kept.length > 1) {
    kept = kept.slice(Math.ceil(kept.length / 2));
    bytes = encode(kept);
  }
  return bytes.length > MAX_BYTES ? [] : [...MARK, ...bytes];
}

/** The turns of a context we wrote; undefined for a context of a real Ollama. */
export function parseGenerateContext(context: readonly number[]): Turn[] | undefined {
  if (!MARK.every((value, index) => context[index] === value)) return undefined;
  try {
    const turns: unknown = JSON.parse(Buffer.from(context.slice(MARK.length)).toString("utf8"));
    return Array.isArray(turns) ? turns.filter(isTurn) : undefined;
  } catch {
    return undefined;
  }
}

const encode = (turns: readonly Turn[]): Buffer => Buffer.from(JSON.stringify(turns), "utf8");

const isTurn = (value: unknown): value is Turn =>
  isObject(value) && typeof value.prompt === "string" && typeof value.response === "string";

/** "ccproxy" */
const MARK = [99, 99, 112, 114, 111, 120, 121];
const MAX_BYTES = 200_000;
