import { findValues } from "./json-values.ts";
import { isObject, type Json } from "./validate.ts";

/** What an adapter knows of those events of a stream that hold a piece of text and nothing else, as most do. */
export interface TextFrame {
  /** How one is framed; its JSON stands between the two. */
  open: RegExp;
  close: string;
  /** Where its text stands: keys, joined by dots. */
  place: string;
  /** Where strings and numbers stand that mean nothing, in the same way. */
  idle: ReadonlySet<string>;
  /** Whether one means its text alone, and would whatever that was, and whatever stood in the idle places. */
  isText: (value: Json) => boolean;
}

/** What frames have in common: `segments` with a hole between each two. */
export interface Form {
  segments: string[];
  /** Whether a string is in it, else it is a number. */
  holes: boolean[];
  /** The hole that the text is in. */
  text: number;
  /** What one of them means, with another text. */
  sample: Json;
}

/** Where the text of a frame stands, whether nothing is escaped in it, and where the frame ends. */
export interface Found {
  from: number;
  to: number;
  isPlain: boolean;
  end: number;
  /** All that stands between this text and the next; "" where it may differ. */
  seam: string;
  /** Where the next text begins, if that was seen; else -1. */
  next: number;
}

/** What is alike in all frames like this one; undefined where it is none that holds a text alone. */
export function toForm({ open, close, place, idle, isText }: TextFrame, wire: string): Form | undefined {
  const begin = open.exec(wire)?.[0].length;
  if (begin === undefined || !wire.endsWith(close)) return undefined;
  const json = wire.slice(begin, wire.length - close.length);
  const sample = parse(json);
  if (/[\r\n]/.test(json) || !isObject(sample) || !isText(sample)) return undefined;
  const form: Form = { segments: [], holes: [], text: -1, sample };
  let from = 0;
  for (const { start, end, isString, path } of findValues(json) ?? []) {
    const name = path.join(".");
    if (name === place && isString) form.text = form.holes.length;
    else if (!idle.has(name)) continue;
    // The quotes belong to what is always there.
    const [first, last] = isString ? [start + 1, end - 1] : [start, end];
    form.segments.push(wire.slice(from, begin + first));
    form.holes.push(isString);
    from = begin + last;
  }
  form.segments.push(wire.slice(from));
  // A copy: a piece of a text keeps the whole of it in memory.
  return form.text === -1 ? undefined : (JSON.parse(JSON.stringify(form)) as Form);
}

/** Whether a frame of this form begins at `at`. */
export function fits(form: Form, wire: string, begin: number, found: Found): boolean {
  let at = begin;
  for (let hole = 0; hole < form.text; hole++) {
    at = passHole(form, hole, wire, at);
    if (at === -1) return false;
  }
  const segment = form.segments[form.text] as string;
  return cutsTo(wire, at, segment) && readText(form, wire, at + segment.length, found);
}

/** Reads a frame from its text on. */
export function readText(form: Form, wire: string, from: number, found: Found): boolean {
  let to = from;
  let isPlain = true;
  for (; ; to++) {
    const code = wire.charCodeAt(to);
    if (code === QUOTE) break;
    // Also where the wire ends.
    if (!(code >= SPACE)) return false;
    if (code !== BACKSLASH) continue;
    // Whatever is escaped; whether rightly is seen when it is read.
    isPlain = false;
    to++;
  }
  const { seam } = found;
  const last = form.segments[form.holes.length] as string;
  const isSeam = seam !== "" && cutsTo(wire, to, seam);
  let at = to;
  for (let hole = form.text + 1; hole < form.holes.length; hole++) {
    at = passHole(form, hole, wire, at);
    if (at === -1) return false;
  }
  if (!isSeam && !cutsTo(wire, at, last)) return false;
  found.from = from;
  found.to = to;
  found.isPlain = isPlain;
  found.end = at + last.length;
  found.next = isSeam ? to + seam.length : -1;
  return true;
}

/** Where an idle hole ends that stands behind its segment at `at`; -1: there is none. */
function passHole({ segments, holes }: Form, hole: number, wire: string, at: number): number {
  const segment = segments[hole] as string;
  if (!cutsTo(wire, at, segment)) return -1;
  const pattern = holes[hole] ? STRING : NUMBER;
  pattern.lastIndex = at + segment.length;
  return pattern.test(wire) ? pattern.lastIndex : -1;
}

/** Cutting it out and comparing is faster than `startsWith`. */
export const cutsTo = (wire: string, at: number, piece: string): boolean =>
  wire.slice(at, at + piece.length) === piece;

export const unescapeText = (piece: string): string | undefined => parse(`"${piece}"`) as string | undefined;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
/** Of what is idle: one with anything escaped is left to others. */
const STRING = /[^"\\\p{Cc}]*/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
