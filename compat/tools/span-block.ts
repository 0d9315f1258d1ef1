import type { Block, BlockResult, ReadCall, SpanReading, Verdict } from "./block.ts";

export interface SpanOptions {
  /** Markers that end the block outside of strings. */
  closers?: readonly string[];
  /** Markers of a next block; they end this one when its value is complete. */
  reopeners?: readonly string[];
  /**
   * true: ends at a closer only. false: ends where its value ends, with the closer if one follows; more values may
   * follow behind `,` or `;`.
   */
  needsCloser: boolean;
  /** The token around strings, where a format does not use quotes. */
  toggle?: string;
  /** Whether a value that began with `first` is whole when `last` brings its depth to zero. */
  completes?: (first: string, last: string) => boolean;
  /** Characters a further value may begin with. */
  again?: string;
  /** Prose behind the marker is an answer: the marker alone goes. */
  prose?: boolean;
  read: (body: string, closed: boolean) => SpanReading;
}

/** Attempts at reading a block at a closer that seems to stand in a string. Bounds the work to linear. */
const MAX_ATTEMPTS = 8;

/**
 * A block of brackets and strings. Finds its end character by character, with a memory of a few characters: a closer
 * inside a string is part of the string, unless the string never ends, which unescaped quotes cause.
 */
export function createSpanBlock(options: SpanOptions): Block {
  const { closers = [], reopeners = [], toggle, read } = options;
  const tokens = [...closers, ...reopeners, ...(toggle === undefined ? [] : [toggle])];
  const firsts = new Set(tokens.map((token) => token[0]));
  const pieces: string[] = [];
  let length = 0;
  let depth = 0;
  let quote = "";
  let escaped = false;
  let significant = "";
  let first = "";
  let token = "";
  let tokenInString = false;
  /** Where the value was complete, and what came after it. */
  let complete: number | undefined;
  let pending = "";
  let attempts = 0;
  let soft: number | undefined;

  const step = (character: string, at: number): End | undefined => {
    const wasInString = quote !== "";
    if (complete !== undefined) {
      const end = stepAfter(character, at);
      if (end) return end;
      if (complete !== undefined) return undefined;
    }
    const end = stepToken(character, at, wasInString);
    if (end) return end;
    stepValue(character);
    if (
      !options.needsCloser &&
      quote === "" &&
      depth <= 0 &&
      isClosing(character) &&
      first !== "" &&
      completes(character)
    ) {
      complete = at + 1;
      pending = "";
      token = "";
    }
    return undefined;
  };
  const completes = (last: string): boolean => options.completes?.(first, last) ?? true;
  const stepToken = (character: string, at: number, inString: boolean): End | undefined => {
    if (token === "" && !firsts.has(character)) return undefined;
    let text = token + character;
    if (!tokens.some((candidate) => candidate.startsWith(text))) {
      token = "";
      if (!firsts.has(character)) return undefined;
      text = character;
    }
    if (text.length === 1) tokenInString = inString;
    token = text;
    if (!tokens.includes(text)) return undefined;
    token = "";
    if (text === toggle) {
      quote = quote === "" ? toggle : "";
      return undefined;
    }
    const start = at + 1 - text.length;
    if (reopeners.includes(text)) return reopen(start, tokenInString);
    if (!tokenInString) return { bodyEnd: start, restFrom: at + 1 };
    soft ??= start;
    return attempt(start, at + 1);
  };
  const reopen = (start: number, inString: boolean): End | undefined => {
    if (inString || first === "") return undefined;
    return depth <= 0 ? { bodyEnd: start, restFrom: start } : attempt(start, start);
  };
  /** A closer where none is expected: right if what is before it reads as a call. */
  const attempt = (bodyEnd: number, restFrom: number): End | undefined => {
    if (++attempts > MAX_ATTEMPTS) return undefined;
    const body = whole().slice(0, bodyEnd);
    if (!/[}\])]\s*$/.test(body.slice(-200))) return undefined;
    const calls = callsOf(read(body, false));
    return calls ? { bodyEnd, restFrom, calls } : undefined;
  };
  const stepValue = (character: string): void => {
    if (escaped) escaped = false;
    else if (quote !== "") {
      if (quote === toggle) return;
      if (character === "\\") escaped = true;
      else if (character === quote) {
        quote = "";
        significant = character;
      }
    } else {
      if (character <= " ") return;
      if (first === "") first = character;
      if (
        toggle === undefined &&
        (character === '"' || (character === "'" && "{[,:(=".includes(significant || " ")))
      ) {
        quote = character;
      } else if (character === "{" || character === "[" || character === "(") depth++;
      else if (isClosing(character)) depth--;
      significant = character;
    }
  };
  const stepAfter = (character: string, at: number): End | undefined => {
    const from = complete ?? at;
    const text = pending + character;
    const bare = text.replace(/^[\s,;}\]]+/, "");
    if (bare === "") {
      pending = text;
      // Blanks without end are no reason to wait without end.
      return text.length > 200 ? { bodyEnd: from, restFrom: from } : undefined;
    }
    if (closers.includes(bare)) return { bodyEnd: from, restFrom: at + 1 };
    if (closers.some((closer) => closer.startsWith(bare))) {
      pending = text;
      return undefined;
    }
    if (bare.length === 1 && (options.again ?? "").includes(bare)) {
      complete = undefined;
      depth = 0;
      return undefined;
    }
    return { bodyEnd: from, restFrom: from };
  };
  /** What stands behind the calls at the answer's end; half a closer is none of it. */
  const behind = (text: string, from: number | undefined): string => {
    const rest = from === undefined ? "" : text.slice(from);
    return closers.some((closer) => closer.startsWith(rest.trim())) ? "" : rest;
  };
  let extra = "";
  const whole = (): string => (pieces.length === 0 ? extra : pieces.join("") + extra);
  const finish = (text: string, end: End): Verdict => {
    const reading = end.calls ?? read(text.slice(0, end.bodyEnd), true);
    const calls = callsOf(reading);
    return calls ? { calls, rest: text.slice(end.restFrom) } : "reject";
  };
  return {
    push(piece) {
      extra = piece;
      for (let index = 0; index < piece.length; index++) {
        const end = step(piece[index] ?? "", length + index);
        if (end) return finish(whole(), end);
      }
      pieces.push(piece);
      extra = "";
      length += piece.length;
      return undefined;
    },
    waitsFor: () => (options.needsCloser ? "closer" : "little"),
    end() {
      const text = whole();
      if (complete !== undefined) return finish(text, { bodyEnd: complete, restFrom: complete });
      const reading = read(text, false);
      const calls = callsOf(reading);
      if (calls) return { calls, rest: behind(text, endOf(reading)) };
      if (soft !== undefined) {
        const until = callsOf(read(text.slice(0, soft), true));
        if (until) return { calls: until, rest: text.slice(soft).replace(/^<[^>]*>/, "") };
      }
      if (reading === "cut") return cutOff();
      return options.prose && PROSE.test(text)
        ? { calls: [], rest: text, repairs: ["marker without a call"] }
        : "reject";
    },
  };
}

const callsOf = (reading: SpanReading): ReadCall[] | undefined =>
  Array.isArray(reading) ? reading : typeof reading === "object" ? reading.calls : undefined;

const endOf = (reading: SpanReading): number | undefined =>
  typeof reading === "object" && "end" in reading ? reading.end : undefined;

const PROSE = /^\s*\p{L}[^{}[\]<>]*\s[^{}[\]<>]*$/u;

const cutOff = (): BlockResult => ({ calls: [], rest: "", truncated: true });

interface End {
  bodyEnd: number;
  restFrom: number;
  calls?: ReadCall[];
}

const isClosing = (character: string): boolean => character === "}" || character === "]" || character === ")";
