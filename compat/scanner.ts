/** Where in a text a marker stands, as far as markup cares. */
export interface Place {
  /** Nothing but blanks so far. */
  atStart: boolean;
  /** Nothing but blanks on this line. */
  atLineStart: boolean;
  /** In a fenced block, in inline code or right behind a quotation mark: markup is talked about, not used. */
  quoted: boolean;
}

export interface PlaceTracker {
  push: (text: string) => void;
  /** Takes text in the middle of a line that changes nothing about the place: no code in it, no blank at its end. */
  goOn: (text: string) => boolean;
  place: () => Place;
  atStart: () => boolean;
  atLineStart: () => boolean;
}

/** Follows a text and tells what surrounds its end: fences, inline code, quotes. Linear, keeps one line's beginning. */
export function createPlaceTracker(): PlaceTracker {
  let atStart = true;
  /** The line's beginning, where it may be a fence. */
  let line = "";
  let lineBlank = true;
  let mayFence = true;
  let ticks = 0;
  let last = "";
  let fence = "";

  const endLine = (): void => {
    const head = ticks > 2 || line.includes("~~~") ? /^\s{0,8}(`{3,}|~{3,})(.*)/.exec(line) : null;
    if (head) {
      const [, marks = "", info = ""] = head;
      if (fence === "") fence = info.includes("`") ? "" : marks;
      else if (marks.startsWith(fence) && info.trim() === "") fence = "";
    }
    line = "";
    lineBlank = true;
    mayFence = true;
    ticks = 0;
  };
  const goOnLine = (text: string, from: number, to: number): void => {
    let at = from;
    if (lineBlank) {
      while (at < to && text.charCodeAt(at) <= 32) at++;
      if (at < to) {
        const code = text.charCodeAt(at);
        lineBlank = false;
        atStart = false;
        // There are blanks beyond the common ones.
        mayFence = code === TICK || code === TILDE || code > 127;
      }
    }
    if (mayFence && line.length < HEAD) line += text.slice(from, Math.min(to, from + HEAD - line.length));
    for (; at < to; at++) if (text.charCodeAt(at) === TICK) ticks++;
  };
  return {
    push(text) {
      let from = 0;
      for (let to = text.indexOf("\n"); to !== -1; to = text.indexOf("\n", from)) {
        goOnLine(text, from, to);
        endLine();
        from = to + 1;
      }
      goOnLine(text, from, text.length);
      last = text.at(-1) ?? last;
    },
    goOn(text) {
      if (lineBlank || (mayFence && line.length < HEAD) || text === "") return false;
      let code = 0;
      for (let at = 0; at < text.length; at++) {
        code = text.charCodeAt(at);
        if (code === TICK || code === NEWLINE) return false;
      }
      if (code <= 32 || code > 127) return false;
      last = text;
      return true;
    },
    place: () => ({
      atStart,
      atLineStart: lineBlank,
      quoted: fence !== "" || ticks % 2 === 1 || QUOTES.includes(last.at(-1) ?? " "),
    }),
    atStart: () => atStart,
    atLineStart: () => lineBlank,
  };
}

export interface Marks {
  /** The longest mark that begins at `at`; "wait" when one still may. */
  match: (
    text: string,
    at: number,
    ended: boolean,
    allowed: (mark: string) => boolean,
  ) => string | "wait" | undefined;
  /** Whether none of its characters begins a mark. */
  lacks: (text: string) => boolean;
  /** The next place from `from` on where a mark begins or, at the text's end, may begin; its length when none does. */
  next: (text: string, from: number, ended: boolean) => number;
}

/** Finds marks in a text that arrives in pieces, and holds back no more than what may still become one. */
export function createMarks(marks: readonly string[]): Marks {
  const longestFirst = [...new Set(marks)].sort((one, other) => other.length - one.length);
  const byFirst = new Map<number, string[]>();
  const ofOne = new Map<number, string[]>();
  const longer = new Map<number, string[]>();
  for (const mark of longestFirst) {
    add(byFirst, mark.charCodeAt(0), mark);
    if (mark.length === 1) add(ofOne, mark.charCodeAt(0), mark);
    else add(longer, pairAt(mark, 0), mark);
  }
  const byPair = new Map<number, Group>();
  for (const [pair, group] of longer) {
    const short = ofOne.get(group[0]?.charCodeAt(0) ?? 0) ?? [];
    byPair.set(pair, { marks: [...group, ...short], short, stem: stemOf(group) });
  }
  /** What marks begin with, for the common characters a table of them. */
  const common = new Uint8Array(128);
  for (const code of byFirst.keys()) if (code < common.length) common[code] = 1;
  const others = [...byFirst.keys()].some((code) => code >= common.length);
  const begins = (code: number): boolean =>
    code < common.length ? common[code] === 1 : others && byFirst.has(code);
  const candidates = (text: string, at: number): readonly string[] => {
    const first = text.charCodeAt(at);
    if (at + 1 >= text.length) return byFirst.get(first) ?? NONE;
    const group = byPair.get(pairAt(text, at));
    if (!group) return ofOne.get(first) ?? NONE;
    // Where the text goes on behind it, one look tells for all of them.
    const { stem } = group;
    return text.length - at < stem.length || text.startsWith(stem, at) ? group.marks : group.short;
  };
  return {
    match(text, at, ended, allowed) {
      for (const mark of candidates(text, at)) {
        if (text.startsWith(mark, at)) {
          if (allowed(mark)) return mark;
        } else if (mayBecome(mark, text, at, ended) && allowed(mark)) return "wait";
      }
      return undefined;
    },
    lacks(text) {
      for (let at = 0; at < text.length; at++) if (begins(text.charCodeAt(at))) return false;
      return true;
    },
    next(text, from, ended) {
      for (let at = from; at < text.length; at++) {
        if (!begins(text.charCodeAt(at))) continue;
        for (const mark of candidates(text, at))
          if (text.startsWith(mark, at) || mayBecome(mark, text, at, ended)) return at;
      }
      return text.length;
    },
  };
}

/** Marks that begin with the same two characters. */
interface Group {
  /** Longest first, those of one character at the end. */
  marks: readonly string[];
  /** Those of one character alone. */
  short: readonly string[];
  /** What all the longer ones begin with: the tools of one server share the beginning of their names. */
  stem: string;
}

/** The longest text that all of them begin with. */
function stemOf(marks: readonly string[]): string {
  const [first = ""] = marks;
  let length = first.length;
  for (const mark of marks) while (!mark.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

function add(groups: Map<number, string[]>, key: number, mark: string): void {
  const group = groups.get(key);
  if (group) group.push(mark);
  else groups.set(key, [mark]);
}

const pairAt = (text: string, at: number): number => text.charCodeAt(at) * 65_536 + text.charCodeAt(at + 1);

const mayBecome = (mark: string, text: string, at: number, ended: boolean): boolean =>
  !ended && text.length - at < mark.length && mark.startsWith(text.slice(at));

const NONE: readonly string[] = [];
/** As much of a line as tells whether it is a fence. */
const HEAD = 80;
const NEWLINE = 10;
const TICK = 96;
const TILDE = 126;
const QUOTES = ['"', "'", "“", "‘", "«"];
