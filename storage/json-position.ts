/** The 1-based line of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** The 1-based column of an offset in its line, in UTF-16 units, as editors count. */
export const columnAt = (text: string, offset: number): number =>
  offset === 0 ? 1 : offset - text.lastIndexOf("\n", offset - 1);

/**
 * Where the value at a JSON pointer begins, in a text that is valid JSON; for a member that does not exist, where the
 * closest parent that does begins.
 */
export function offsetOf(text: string, pointer: string): number {
  let at = skipSpace(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  const segments = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  for (const segment of segments) {
    const found = text[at] === "{" ? findMember(text, at, segment) : findItem(text, at, segment);
    if (found === undefined) break;
    at = found;
  }
  return at;
}

/** A place in words, for messages: `/groups/qwen/tools`. */
export const toPointer = (segments: readonly (string | number)[]): string =>
  segments.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

function findMember(text: string, start: number, name: string): number | undefined {
  let found: number | undefined;
  let at = skipSpace(text, start + 1);
  while (text[at] === '"') {
    const end = skipString(text, at);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    // The last of several members with one name is the one that counts.
    if (JSON.parse(text.slice(at, end)) === name) found = value;
    at = skipSpace(text, skipValue(text, value));
    if (text[at] !== ",") break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

function findItem(text: string, start: number, index: string): number | undefined {
  if (text[start] !== "[" || !/^\d+$/.test(index)) return undefined;
  let at = skipSpace(text, start + 1);
  for (let left = Number(index); left > 0; left--) {
    if (text[at] === undefined || text[at] === "]") return undefined;
    at = skipSpace(text, skipValue(text, at));
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return text[at] === "]" ? undefined : at;
}

function skipValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const char = text[at];
    if (char === undefined) return at;
    if (char === '"') {
      at = skipString(text, at);
    } else if (char === "{" || char === "[") {
      depth++;
      at++;
    } else if (char === "}" || char === "]") {
      if (depth === 0) return at;
      depth--;
      at++;
    } else if (depth === 0 && char === ",") {
      return at;
    } else {
      at++;
      continue;
    }
    if (depth === 0) return at;
  }
}

function skipString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}
