import { jsonrepair } from "jsonrepair";
import { parseJson } from "./tools/values/parse-json.ts";

export interface RepairedJson {
  value: unknown;
  /** What had to be forgiven; empty for JSON as it should be. */
  repairs: string[];
}

/**
 * The value of a text that is meant to be JSON and nothing else. Strict first, then our own forgiving reader, which
 * keeps what was written, then a library that knows more kinds of damage. Scalars are only read strictly: nearly every
 * text could be one. undefined where there is no value, or where the text ends in the middle of one.
 */
export function repairJson(text: string): RepairedJson | undefined {
  const bare = text.trim();
  const strict = parseStrictly(bare);
  if (strict) return { ...strict, repairs: [] };
  const reading = parseJson(bare);
  if (reading && isNested(reading.value)) {
    if (!reading.cut && isNothing(bare.slice(reading.end)))
      return { value: reading.value, repairs: [...reading.repairs] };
    if (reading.cut && endsOpen(bare)) return undefined;
  }
  return repairByLibrary(bare);
}

/** What jsonrepair makes of a text; undefined where that is nothing, or the text too long, too deep or cut off. */
export function repairByLibrary(text: string): RepairedJson | undefined {
  if (text.length > MAX_SIZE || depthOf(text) > MAX_DEPTH || endsOpen(text)) return undefined;
  try {
    const value: unknown = JSON.parse(jsonrepair(text));
    return isNested(value) ? { value, repairs: ["broken JSON"] } : undefined;
  } catch {
    return undefined;
  }
}

/** Large integers go the other way, which keeps them. */
function parseStrictly(text: string): { value: unknown } | undefined {
  if (/\d{16}/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

const isNested = (value: unknown): boolean => typeof value === "object" && value !== null;

/** Surplus closers, separators and comments behind a value. */
const isNothing = (rest: string): boolean => /^[\s,;}\]]*(?:\/\/[^\n]*|\/\*[^*]*\*\/)?\s*$/.test(rest);

/** The text stops inside a string or before a value: what is missing is more than brackets. */
const endsOpen = (text: string): boolean => !/(?:[}\]"'”`\d;/]|true|false|null)$/.test(text.slice(-8));

/** The deepest nesting of brackets, strings not looked at: an upper bound. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

/** Characters; the library overflows the stack on deep text and slows down on long text. */
const MAX_SIZE = 262_144;
const MAX_DEPTH = 64;
