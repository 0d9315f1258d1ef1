import { skipNested, skipString } from "./json-text.ts";

/**
 * Replaces one string value in JSON text without parsing the rest: the value at `path` (object keys from the root).
 * Text in which the path is not found, or holds no string, comes back unchanged. Of a key that comes twice the last one
 * counts, as in `JSON.parse`: else a second `model` could ask the provider for another one than was routed.
 */
export function patchJson(text: string, path: readonly string[], value: string): string {
  const found = findString(text, path);
  return found ? text.slice(0, found.start) + JSON.stringify(value) + text.slice(found.end) : text;
}

/**
 * Where the string under `key` of the root is, quotes included, in text whose reader found one there. Where the key is
 * written once and nothing in the text can be it in another spelling, the rest need not be read for it.
 */
export function findRootString(text: string, key: string): { start: number; end: number } | undefined {
  const literal = JSON.stringify(key);
  const at = findOnly(text, literal);
  if (at !== -1 && !text.includes("\\u")) {
    const colon = skipSpace(text, at + literal.length);
    const start = skipSpace(text, colon + 1);
    const end = text.charCodeAt(start) === QUOTE ? skipString(text, start) : -1;
    // It may be a value, not a key.
    if (text.charCodeAt(colon) === COLON && end !== -1) return { start, end };
  }
  return findString(text, [key]);
}

/** Where `literal` stands, if once; else -1. It begins with a quote, of which there are too many to stop at each. */
function findOnly(text: string, literal: string): number {
  const bare = literal.slice(1);
  let found = -1;
  for (let at = text.indexOf(bare); at !== -1; at = text.indexOf(bare, at + bare.length)) {
    if (text.charCodeAt(at - 1) !== QUOTE) continue;
    if (found !== -1) return -1;
    found = at - 1;
  }
  return found;
}

/** Start and end (exclusive) of the string literal at `path`, quotes included. */
function findString(text: string, path: readonly string[]): { start: number; end: number } | undefined {
  let at = skipSpace(text, text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0);
  for (const key of path) {
    const valueAt = findKey(text, at, key);
    if (valueAt === -1) return undefined;
    at = valueAt;
  }
  if (text.charCodeAt(at) !== QUOTE) return undefined;
  const end = skipString(text, at);
  return end === -1 ? undefined : { start: at, end };
}

/** The position of the value under `key` in the object that starts at `at`; -1 where there is none. */
function findKey(text: string, at: number, key: string): number {
  if (text.charCodeAt(at) !== BRACE_OPEN) return -1;
  const literal = JSON.stringify(key);
  let found = -1;
  let pos = skipSpace(text, at + 1);
  while (text.charCodeAt(pos) === QUOTE) {
    const keyEnd = skipString(text, pos);
    if (keyEnd === -1) return -1;
    const isKey = isLiteral(text.slice(pos, keyEnd), literal);
    const colon = skipSpace(text, keyEnd);
    if (text.charCodeAt(colon) !== COLON) return -1;
    const valueAt = skipSpace(text, colon + 1);
    if (isKey) found = valueAt;
    const valueEnd = skipValue(text, valueAt);
    if (valueEnd === -1) return -1;
    const comma = skipSpace(text, valueEnd);
    if (text.charCodeAt(comma) !== COMMA) return found;
    pos = skipSpace(text, comma + 1);
  }
  return -1;
}

/** Whether `written` is the string `literal`, perhaps with other characters escaped: `"mod\u0065l"`. */
function isLiteral(written: string, literal: string): boolean {
  if (written === literal || !written.includes("\\")) return written === literal;
  try {
    return JSON.stringify(JSON.parse(written)) === literal;
  } catch {
    return false;
  }
}

function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  if (first !== BRACE_OPEN && first !== BRACKET_OPEN) {
    let end = at;
    while (end < text.length && !",}] \n\r\t".includes(text[end] as string)) end++;
    return end;
  }
  return skipNested(text, at);
}

function skipSpace(text: string, at: number): number {
  let pos = at;
  while (pos < text.length && text.charCodeAt(pos) <= 32) pos++;
  return pos;
}

const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BRACKET_OPEN = 91;
const BRACE_OPEN = 123;
