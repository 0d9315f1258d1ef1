import { findValues, type Value } from "./json-values.ts";
import { isObject } from "./validate.ts";

/**
 * Reads one JSON text after another of a stream, most of which differ from the one before in a few strings and numbers
 * only: what stays the same is not read again. Gives just what `JSON.parse` does; undefined for what is no JSON.
 */
export function createAlikeParser(): (text: string) => unknown {
  let form: Form | undefined;
  let before: string | undefined;
  let patience = PATIENCE;
  return (text) => {
    const filled = form && fill(form, text);
    if (filled !== undefined) {
      before = text;
      patience = PATIENCE;
      return filled;
    }
    const value = parse(text);
    if (value === undefined) return undefined;
    // Of a stream in which no text is like the one before it is learnt sooner or later not to look.
    if (patience > 0 && text.length <= LONGEST) {
      patience--;
      form = (before === undefined ? undefined : learn(before, text, value, form)) ?? form;
      before = text;
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

/** What texts have in common: `segments` with a hole between each two, and the value with what stood in the holes. */
interface Form {
  segments: string[];
  holes: Hole[];
  value: unknown;
}

interface Hole {
  path: Path;
  isString: boolean;
}

type Path = readonly (string | number)[];

/** The value of a text of this form; undefined where it has another. */
function fill({ segments, holes, value }: Form, text: string): unknown {
  let at = 0;
  const found: unknown[] = [];
  for (let index = 0; index < holes.length; index++) {
    const segment = segments[index] as string;
    if (!text.startsWith(segment, at)) return undefined;
    at += segment.length;
    const { isString } = holes[index] as Hole;
    const end = isString ? endOfString(text, at) : endOfNumber(text, at);
    if (end === -1) return undefined;
    const piece = text.slice(at, end);
    if (!isString) found.push(Number(piece));
    else if (!piece.includes("\\")) found.push(piece);
    else {
      const plain = parse(`"${piece}"`);
      if (plain === undefined) return undefined;
      found.push(plain);
    }
    at = end;
  }
  const last = segments[holes.length] as string;
  if (text.length !== at + last.length || !text.endsWith(last)) return undefined;
  let filled = copy(value);
  for (let index = 0; index < holes.length; index++)
    filled = put(filled, (holes[index] as Hole).path, found[index]);
  return filled;
}

/** A copy in which nothing is shared that could be changed: a form holds only what lies on the way to a hole. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const made: Record<string, unknown> = { ...value };
  for (const key in made) if (typeof made[key] === "object") made[key] = copy(made[key]);
  return made;
}

function put(root: unknown, path: Path, value: unknown): unknown {
  let place = root as Record<string | number, unknown>;
  for (let index = 0; index < path.length - 1; index++)
    place = place[path[index] as string] as Record<string | number, unknown>;
  place[path.at(-1) as string] = value;
  return root;
}

/** What two texts have in common, and the form before them, where they differ in strings and numbers only. */
function learn(before: string, text: string, value: unknown, known: Form | undefined): Form | undefined {
  const [old, now] = [findValues(before), findValues(text)];
  if (!old || !now || old.length !== now.length) return undefined;
  const holes: Value[] = [];
  let [oldAt, at] = [0, 0];
  for (const [index, place] of now.entries()) {
    const other = old[index] as Value;
    // What stands between two values, keys included, is the same.
    if (before.slice(oldAt, other.start) !== text.slice(at, place.start)) return undefined;
    [oldAt, at] = [other.end, place.end];
    const isSame = before.slice(other.start, other.end) === text.slice(place.start, place.end);
    const isHole = known?.holes.some(({ path }) => path.join("\n") === place.path.join("\n")) === true;
    if (isSame && !isHole) continue;
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
  return { segments, holes: holes.map(({ path, isString }) => ({ path, isString })), value: copy(value) };
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
/** Characters. A text of a stream is short; looking at a whole answer would cost more than it saves. */
const LONGEST = 4096;
