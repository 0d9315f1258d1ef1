import { findValues, type Value } from "./json-values.ts";
import { isObject, type Json } from "./validate.ts";

/**
 * Reads one JSON text after another of a stream, most of which differ from the one before in a few strings and numbers
 * only: what stays the same is not read again. Gives just what `JSON.parse` does; undefined for what is no JSON.
 */
export function createAlikeParser(): (text: string) => unknown {
  let form: Form | undefined;
  let before: string | undefined;
  let patience = PATIENCE;
  let missed = false;
  return (text) => {
    const filled = form && fill(form, text);
    if (filled !== undefined) {
      before = text;
      patience = PATIENCE;
      missed = false;
      return filled;
    }
    const value = parse(text);
    if (value === undefined) return undefined;
    // Of a stream in which no text is like the one before it is learnt sooner or later not to look.
    if (patience > 0 && text.length <= LONGEST) {
      patience--;
      if (patience > PATIENCE - FIRST) return value;
      // One that is unlike the others, such as the last, is no reason to learn anew.
      if (!form || missed)
        form = (before === undefined ? undefined : learn(before, text, value, form)) ?? form;
      before = text;
      missed = true;
    }
    return value;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What texts have in common: `segments` with a hole between each two, and what the value is made of. */
interface Form {
  segments: string[];
  holes: Hole[];
  mould: Mould;
}

interface Hole {
  path: Path;
  isString: boolean;
}

type Path = readonly (string | number)[];

/** An object or a list to be made again: with other ones below some keys, and what stands in the holes below others. */
interface Mould {
  of: Json | unknown[];
  below: { key: string | number; mould: Mould }[];
  holes: { key: string | number; hole: number }[];
}

/** The value of a text of this form; undefined where it has another. */
function fill({ segments, holes, mould }: Form, text: string): unknown {
  let at = 0;
  const found: unknown[] = [];
  for (let index = 0; index < holes.length; index++) {
    const segment = segments[index] as string;
    // Cutting it out and comparing is faster than `startsWith`.
    if (text.slice(at, at + segment.length) !== segment) return undefined;
    at += segment.length;
    const { isString } = holes[index] as Hole;
    const end = isString ? endOfString(text, at) : endOfNumber(text, at);
    if (end === -1) return undefined;
    const piece = text.slice(at, end);
    const value = !isString ? Number(piece) : piece.includes("\\") ? parse(`"${piece}"`) : piece;
    if (value === undefined) return undefined;
    found.push(value);
    at = end;
  }
  return text.slice(at) === segments[holes.length] ? make(mould, found) : undefined;
}

function make({ of, below, holes }: Mould, found: readonly unknown[]): unknown {
  const made = (Array.isArray(of) ? of.slice() : { ...of }) as Record<string | number, unknown>;
  for (const { key, mould } of below) made[key] = make(mould, found);
  for (const { key, hole } of holes) made[key] = found[hole];
  return made;
}

/** Nothing is shared between two values that are made, so that a reader may keep and change what it is given. */
function toMould(value: Json | unknown[], holes: readonly Hole[], path: Path = []): Mould {
  const of = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const mould: Mould = { of, below: [], holes: [] };
  for (const [name, held] of Object.entries(value) as [string, unknown][]) {
    const key = Array.isArray(value) ? Number(name) : name;
    const place = [...path, key];
    const hole = holes.findIndex((other) => isSame(other.path, place));
    if (hole !== -1) mould.holes.push({ key, hole });
    else if (Array.isArray(held) || isObject(held))
      mould.below.push({ key, mould: toMould(held, holes, place) });
  }
  return mould;
}

const isSame = (a: Path, b: Path): boolean => a.length === b.length && a.every((key, at) => key === b[at]);

/** What two texts have in common, and the form before them, where they differ in strings and numbers only. */
function learn(before: string, text: string, value: unknown, known: Form | undefined): Form | undefined {
  if (!Array.isArray(value) && !isObject(value)) return undefined;
  const [old, now] = [findValues(before), findValues(text)];
  if (!old || !now || old.length !== now.length) return undefined;
  const holes: Value[] = [];
  let [oldAt, at] = [0, 0];
  for (const [index, place] of now.entries()) {
    const other = old[index] as Value;
    // What stands between two values, keys included, is the same.
    if (before.slice(oldAt, other.start) !== text.slice(at, place.start)) return undefined;
    [oldAt, at] = [other.end, place.end];
    const isEqual = before.slice(other.start, other.end) === text.slice(place.start, place.end);
    const isHole = known?.holes.some(({ path }) => isSame(path, place.path)) === true;
    if (isEqual && !isHole) continue;
    if (other.isString !== place.isString) return undefined;
    holes.push(place);
  }
  if (before.slice(oldAt) !== text.slice(at) || holes.length === 0 || holes.length > MOST_HOLES)
    return undefined;
  const segments: string[] = [];
  let from = 0;
  for (const { start, end, isString } of holes) {
    // The quotes belong to what is always there.
    segments.push(text.slice(from, isString ? start + 1 : start));
    from = isString ? end - 1 : end;
  }
  segments.push(text.slice(from));
  return { segments, holes, mould: toMould(value, holes) };
}

/** Where the closing quote of the string is whose first character stands at `from`; -1: it is no string. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code < SPACE) return -1;
    // Whatever is escaped; whether rightly is seen when it is read.
    if (code === BACKSLASH) at++;
  }
  return -1;
}

function endOfNumber(text: string, at: number): number {
  NUMBER.lastIndex = at;
  return NUMBER.test(text) ? NUMBER.lastIndex : -1;
}

const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const MOST_HOLES = 6;
const PATIENCE = 24;
/** Texts that are read before one is looked at: a stream may hold no more of them. */
const FIRST = 3;
/** Characters. A text of a stream is short; looking at a whole answer would cost more than it saves. */
const LONGEST = 4096;
