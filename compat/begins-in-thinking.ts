import { BREAKERS, CALL_BEGINS, OPENED, SPECIAL, type Tags } from "./thinking-tags.ts";

/** Whether a text is closed like thinking that was never opened; undefined where that may still come. */
export function beginsInThinking(text: string, known: readonly Tags[]): boolean | undefined {
  const solid = text.trimStart();
  if (solid.startsWith("{") || known.some((tags) => solid.startsWith(tags.open))) return false;
  const closes = OPENED.close.map((tag) => text.indexOf(tag)).filter((at) => at !== -1);
  const close = closes.length ? Math.min(...closes) : text.length;
  const before = text.slice(0, close);
  // Thinking may open its tag once more; a tag that stands there like a word is talked about.
  if (/\s<think>\s/.test(before) || NO_THINKING.some((mark) => before.includes(mark))) return false;
  if (closes.length === 0) return undefined;
  // A tag in quotes or code is talked about.
  return !/["'`]$/.test(before);
}

/** Whether a piece of text has in it what all that is looked for has: without, nothing can be told of it. */
export const mayTell = (piece: string): boolean => TELLING.test(piece);

const TELLING = /[<[`{]/;

/** What shows that text is none. */
const NO_THINKING = [...BREAKERS, ...CALL_BEGINS, ...SPECIAL, "[TOOL_CALLS]", "<invoke ", "```"];
