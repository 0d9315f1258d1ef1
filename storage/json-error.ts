export interface JsonError {
  offset: number;
  /** What was expected there, as the end of a sentence. */
  message: string;
}

/**
 * The first mistake in a JSON text, with its place; undefined when there is none. The engine's own message names no
 * place for some mistakes, and none in words that help someone who edits by hand.
 */
export function findJsonError(text: string): JsonError | undefined {
  // Open brackets, innermost last; the loop keeps what may come next.
  const open: ("{" | "[")[] = [];
  let next: "value" | "first-value" | "key" | "first-key" | "after" = "value";
  let at = 0;
  for (;;) {
    at = skipSpace(text, at);
    const char = text[at];
    if (char === undefined) {
      if (next === "after" && open.length === 0) return undefined;
      if (text.trim() === "") return { offset: 0, message: "the file is empty" };
      const bracket = open.at(-1);
      return {
        offset: at,
        message: `the file ends too early${bracket ? `: a "${CLOSING[bracket]}" is missing` : ""}`,
      };
    }
    if (char === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      return { offset: at, message: "JSON has no comments" };
    }
    if (next === "after") {
      const bracket = open.at(-1);
      if (bracket === undefined)
        return { offset: at, message: `nothing may follow the end, found ${show(text, at)}` };
      if (char === CLOSING[bracket]) open.pop();
      else if (char === ",") next = bracket === "{" ? "key" : "value";
      else return { offset: at, message: `expected "," or "${CLOSING[bracket]}", found ${show(text, at)}` };
      at++;
      continue;
    }
    if (next === "key" || next === "first-key") {
      if (char === "}") {
        if (next === "key") return { offset: at, message: 'no "," may stand before "}"' };
        open.pop();
        next = "after";
        at++;
        continue;
      }
      if (char !== '"')
        return { offset: at, message: `expected a name in double quotes, found ${show(text, at)}` };
      const end = endOfString(text, at);
      if (typeof end !== "number") return end;
      at = skipSpace(text, end);
      if (text[at] !== ":")
        return { offset: at, message: `expected ":" after the name, found ${show(text, at)}` };
      at++;
      next = "value";
      continue;
    }
    if (char === "]" && open.at(-1) === "[") {
      if (next === "value") return { offset: at, message: 'no "," may stand before "]"' };
      open.pop();
      next = "after";
      at++;
      continue;
    }
    if (char === "{" || char === "[") {
      open.push(char);
      next = char === "{" ? "first-key" : "first-value";
      at++;
      continue;
    }
    const end = char === '"' ? endOfString(text, at) : endOfWord(text, at);
    if (typeof end !== "number") return end;
    at = end;
    next = "after";
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

function endOfString(text: string, start: number): number | JsonError {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '"') return at + 1;
    if (char === "\n" || char === "\r")
      return { offset: start, message: "this string is not closed on its line" };
    if (char !== undefined && char < " ")
      return { offset: at, message: "a control character must be written as \\u00XX" };
    if (char !== "\\") continue;
    at++;
    const escaped = text[at] ?? "";
    const isCode = escaped === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5));
    if (!isCode && !'"\\/bfnrt'.includes(escaped)) {
      return { offset: at - 1, message: `"\\${escaped}" is no escape; a backslash itself is written "\\\\"` };
    }
  }
  return { offset: start, message: "this string is not closed" };
}

function endOfWord(text: string, start: number): number | JsonError {
  let end = start;
  while (end < text.length && /[\w+.-]/.test(text[end] ?? "")) end++;
  const word = text.slice(start, end);
  if (word === "true" || word === "false" || word === "null") return end;
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) return end;
  return { offset: start, message: `expected a value, found ${show(text, start)}` };
}

function show(text: string, at: number): string {
  const char = text[at];
  if (char === undefined) return "the end";
  // Its beginning only: it may be a key that somebody forgot to quote.
  const word = /^[\w$.+-]{1,8}/.exec(text.slice(at, at + 8))?.[0];
  return JSON.stringify(word ?? char);
}

const CLOSING = { "{": "}", "[": "]" };
