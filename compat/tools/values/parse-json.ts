import { setOwn, toNumber } from "./json-value.ts";
import { atLineStart, CLOSING_QUOTE, endsString, type Inside, isWordEnd, matchAt } from "./string-end.ts";

/** A value with where its text ends, and what had to be forgiven on the way. */
export interface JsonReading {
  value: unknown;
  /** Index after the value. */
  end: number;
  /** The text ended inside the value. */
  cut: boolean;
  repairs: Set<string>;
}

const MAX_DEPTH = 64;

/**
 * Reads one JSON value at `from`, forgiving what models write: Python words, single and smart quotes, bare keys,
 * comments, trailing commas, raw line breaks, invalid escapes, unescaped quotes, missing closers at the end.
 * `isKey` knows the keys there may be: in a text with unescaped quotes only one of them can be the next. Where such a
 * text has two readings there is no value, and `onDoubt` is called.
 * Linear; nothing below depth 64 is read. `undefined` when there is no value.
 */
export function parseJson(
  text: string,
  from = 0,
  options: { isKey?: (key: string) => boolean; onDoubt?: () => void } = {},
): JsonReading | undefined {
  // Quotes are taken at their word first; only text that makes no sense so has forgotten to escape some.
  const plain = readValue(text, from, { plain: true });
  const isWhole = plain && !plain.cut && !/^\s{0,40}["']/.test(text.slice(plain.end, plain.end + 50));
  return isWhole ? plain : readValue(text, from, options);
}

function readValue(
  text: string,
  from: number,
  options: { plain?: boolean; isKey?: (key: string) => boolean; onDoubt?: () => void },
): JsonReading | undefined {
  const repairs = new Set<string>();
  let at = from;
  let cut = false;

  const skip = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code <= 32 || isWideBlank(code)) at++;
      else if (code === SLASH && text[at + 1] === "/") skipComment("\n");
      else if (code === SLASH && text[at + 1] === "*") skipComment("*/");
      else if (code === HASH && atLineStart(text, at)) skipComment("\n");
      else return;
    }
  };
  const skipComment = (end: string): void => {
    repairs.add("comment");
    let stop = text.indexOf(end, at + 2);
    if (end === "\n") {
      const other = text.slice(at, stop === -1 ? undefined : stop).indexOf("\r");
      if (other !== -1) stop = at + other;
    }
    at = stop === -1 ? text.length : stop + end.length;
  };
  const value = (depth: number, inside: Inside): unknown => {
    skip();
    const character = text[at];
    if (character === undefined) {
      cut = true;
      return undefined;
    }
    if (depth > MAX_DEPTH) throw new TooDeep();
    if (character === "{") return object(depth);
    if (character === "[") return array(depth);
    if (CLOSING_QUOTE[character] !== undefined) return strings(inside);
    return word(inside);
  };
  const object = (depth: number): unknown => {
    const result: Record<string, unknown> = {};
    at++;
    for (;;) {
      skip();
      const character = text[at];
      if (character === undefined) {
        cut = true;
        return result;
      }
      if (character === "}") {
        at++;
        return result;
      }
      if (character === ",") {
        repairs.add("comma");
        at++;
        continue;
      }
      if (character === "]") {
        repairs.add("brackets");
        return result;
      }
      const key = CLOSING_QUOTE[character] === undefined ? bareKey() : string("key");
      if (key === undefined) throw new NoValue();
      skip();
      if (text[at] === ":" || text[at] === "=") at++;
      else if (at >= text.length) {
        cut = true;
        return result;
      } else throw new NoValue();
      skip();
      if (text[at] === "," || text[at] === "}") {
        repairs.add("missing value");
        setOwn(result, key, null);
      } else {
        const before = at;
        const read = value(depth + 1, "object");
        if (cut && read === undefined) return result;
        if (at === before) throw new NoValue();
        setOwn(result, key, read);
      }
      skip();
      const next = text[at];
      if (next === ",") {
        at++;
        skip();
        if (text[at] === "}") repairs.add("comma");
      } else if (next !== undefined && next !== "}" && next !== "]") {
        if (options.plain) throw new NoValue();
        repairs.add("comma");
      }
    }
  };
  const array = (depth: number): unknown => {
    const result: unknown[] = [];
    at++;
    for (;;) {
      skip();
      const character = text[at];
      if (character === undefined) {
        cut = true;
        return result;
      }
      if (character === "]") {
        at++;
        return result;
      }
      if (character === ",") {
        at++;
        continue;
      }
      if (character === "}") {
        repairs.add("brackets");
        return result;
      }
      const before = at;
      const read = value(depth + 1, "array");
      if (cut && read === undefined) return result;
      if (at === before) throw new NoValue();
      result.push(read);
      skip();
      if (text[at] !== "," && text[at] !== "]" && text[at] !== "}" && at < text.length) {
        if (options.plain) throw new NoValue();
        repairs.add("comma");
      }
    }
  };
  /** Strings, joined where a model concatenates them. */
  const strings = (inside: Inside): string => {
    let result = string(inside);
    for (;;) {
      const back = at;
      skip();
      if (text[at] !== "+") {
        at = back;
        return result;
      }
      at++;
      skip();
      if (CLOSING_QUOTE[text[at] ?? ""] === undefined) {
        at = back;
        return result;
      }
      repairs.add("concatenation");
      result += string(inside);
    }
  };
  const string = (inside: Inside): string => {
    const open = text[at] ?? "";
    const close = CLOSING_QUOTE[open] ?? '"';
    if (open !== '"') repairs.add("quotes");
    const tripled = open.repeat(3);
    if (open !== "“" && text.startsWith(tripled, at)) {
      const end = text.indexOf(tripled, at + 3);
      if (end !== -1) {
        repairs.add("quotes");
        const result = text.slice(at + 3, end);
        at = end + 3;
        return result;
      }
    }
    at++;
    let result = "";
    let from = at;
    let quotes = 0;
    let doubtful = false;
    for (; at < text.length; at++) {
      const character = text[at] ?? "";
      if (character === "\\") {
        result += text.slice(from, at) + escape();
        from = at + 1;
      } else if (
        character === close &&
        (options.plain || endsString(text, at, inside, close, quotes ? { ...options, quotes } : undefined))
      ) {
        if (doubtful && quotes % 2 === 1) {
          options.onDoubt?.();
          throw new NoValue();
        }
        result += text.slice(from, at);
        at++;
        return result;
      } else if (character === close) {
        doubtful ||= quotes % 2 === 1 && matchAt(MEMBER, text, at) !== undefined;
        quotes++;
        repairs.add("unescaped quotes");
      } else if (character < " ") repairs.add("raw control characters");
    }
    cut = true;
    return result + text.slice(from);
  };
  /** The character an escape stands for; `at` is left on its last character. */
  const escape = (): string => {
    const next = text[++at];
    if (next === undefined) return "\\";
    if (next === "u") {
      const hex = text.slice(at + 1, at + 5);
      if (/^[0-9a-fA-F]{4}$/.test(hex)) {
        at += 4;
        return String.fromCharCode(parseInt(hex, 16));
      }
      repairs.add("escapes");
      return "\\u";
    }
    const known = ESCAPES[next];
    if (known !== undefined) return known;
    repairs.add("escapes");
    // A backslash before a raw line break or tab, or before a quote that needs none, was meant for that character.
    return next < " " || next === "'" || next === "`" ? next : `\\${next}`;
  };
  const bareKey = (): string | undefined => {
    const match = matchAt(/[^\s:=,{}[\]"'`]{1,256}/y, text, at);
    if (match === undefined) return undefined;
    repairs.add("bare words");
    at += match.length;
    return match;
  };
  const word = (inside: Inside): unknown => {
    const number = matchAt(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y, text, at);
    if (number !== undefined) {
      at += number.length;
      return toNumber(number);
    }
    let stop = at;
    while (stop < text.length && !isWordEnd(text, stop, inside)) stop++;
    const raw = text.slice(at, stop).trimEnd();
    if (raw === "") throw new NoValue();
    at += raw.length;
    if (stop >= text.length && inside !== "top") cut = true;
    if (Object.hasOwn(WORDS, raw)) {
      if (raw !== "true" && raw !== "false" && raw !== "null") repairs.add("words");
      return WORDS[raw];
    }
    if (options.plain && /["']/.test(raw)) throw new NoValue();
    repairs.add("bare words");
    // A leading zero says that it is a text of digits; a schema that wants a number gets one.
    if (/^[+-]?0\d/.test(raw)) return raw;
    const number2 = Number(raw);
    if (/^[+-]?\.?\d/.test(raw) && Number.isFinite(number2)) return number2;
    // Only the opening quote is missing.
    return /^[^"]+"$/.test(raw) ? raw.slice(0, -1) : raw;
  };

  try {
    const read = value(0, "top");
    if (read === undefined) return undefined;
    if (cut) repairs.add("missing closers");
    return { value: read, end: at, cut, repairs };
  } catch (error) {
    if (error instanceof NoValue || error instanceof TooDeep || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Blanks beyond ASCII that models and editors put between words. */
const isWideBlank = (code: number): boolean =>
  code >= 0xa0 && (WIDE_BLANKS.has(code) || (code >= 0x2000 && code <= 0x200b));

class NoValue extends Error {}
class TooDeep extends Error {}

const WIDE_BLANKS = new Set([0xa0, 0x1680, 0x180e, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff]);
/** The end of a string and a next member, by the looks. */
const MEMBER = /"\s{0,16},\s{0,16}"[^"\n]{1,64}"\s{0,16}:/y;
const SLASH = 47;
const HASH = 35;
const ESCAPES: Record<string, string | undefined> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const WORDS: Record<string, unknown> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
  TRUE: true,
  FALSE: false,
  NULL: null,
  undefined: null,
  NaN: null,
  nil: null,
};
