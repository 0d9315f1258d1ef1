import { perFrozen } from "../../adapters/per-frozen.ts";
import type { WaitsFor } from "../hold-pieces.ts";
import { createPlaceTracker, type Marks, type Place } from "../scanner.ts";
import type { Block, BlockContext, Dialect, Opener, ReadCall, Verdict } from "./block.ts";
import { createTable, type Opening } from "./marker-table.ts";
import type { NameResolver } from "./names.ts";

export type ReadEvent =
  /** `markup`: this or text before it is a block that was no call. */
  | { type: "text"; text: string; markup?: true }
  /** A block of calls. `raw` is how it was written and `blank` what stood before it, for giving it back as text. */
  | { type: "calls"; calls: ReadCall[]; raw: string; blank: string; dialect: string; repairs: string[] }
  /** Markup of a call that is none, left out. */
  | { type: "dropped"; kinds: string[]; raw: string }
  /** The answer ended inside a call. */
  | { type: "truncated"; raw: string }
  /** The model began to write another's turn, a result or a question: what is behind `mark` is left out. */
  | { type: "cut"; mark: string };

export interface CallReader {
  push: (text: string) => ReadEvent[];
  /** Takes a piece that is nothing but text: what goes on now. `undefined`: it needs `push`, nothing was taken. */
  plain?: (text: string) => string | undefined;
  /** What a further piece of text has to bring before anything comes of it. */
  waitsFor?: () => WaitsFor;
  /** `cut`: the answer reached the limit of its length. */
  end: (cut?: boolean) => ReadEvent[];
}

export interface ReaderOptions {
  dialects: readonly Dialect[];
  names: NameResolver;
  schemaOf: (name: string) => unknown;
  isArgument: BlockContext["isArgument"];
}

/** Text that is scanned again after a rejected block, over the whole answer: what bounds the work. */
const RESCAN_LIMIT = 4_000_000;
/** Text is worked on in windows of this size, and given to blocks in pieces that do not depend on how it came. */
const WINDOW = 1024;
const PIECE = 256;

/**
 * Finds calls in an answer's text. Text is given on at once, but for what may still become a marker and blanks that
 * may stand before a call. What comes out depends on the text alone, not on how it was cut.
 */
export function createCallReader(options: ReaderOptions): CallReader {
  const { dialects, names, schemaOf } = options;
  const table = tableOf(dialects);
  const tracker = createPlaceTracker();
  let held = "";
  /** Text behind `held`, last first. */
  const pending: string[] = [];
  let blank = "";
  let block: OpenBlock | undefined;
  let called = false;
  let before = "";
  let afterCall = false;
  let stopped = false;
  let rescanned = 0;
  let rejected = false;
  /** Dialects whose last block was no call. */
  const torn = new Set<string>();

  const text = (value: string, out: ReadEvent[]): void => {
    if (value === "") return;
    tracker.push(value);
    const solid = value.trimEnd();
    if (solid === "") {
      blank += value;
      return;
    }
    out.push({ type: "text", text: blank + solid, ...(rejected && { markup: true }) });
    blank = value.slice(solid.length);
    afterCall = false;
  };
  const context = (): BlockContext => ({
    names,
    schemaOf,
    isArgument: options.isArgument,
    atStart: tracker.place().atStart,
    before: afterCall ? before : "",
    readWhole: (whole) =>
      readWhole(whole, { ...options, dialects: dialects.filter((dialect) => dialect.name !== "fence") }),
  });
  const allowed = (mark: string): boolean => {
    const place = tracker.place();
    const entry = table.entries.get(mark);
    if (!entry) return false;
    // After this much in vain the rest of the answer is text.
    if (entry.kind === "open")
      return rescanned <= RESCAN_LIMIT && entry.openers.some(({ opener }) => fits(opener, place, afterCall));
    // The closer of a block that was no call belongs to that text.
    if (entry.special) return entry.kind !== "drop" || !torn.has(entry.dialect);
    return !place.quoted && (entry.kind === "drop" ? afterCall : called && place.atLineStart);
  };
  const marksIn = (value: string): Marks =>
    table.marks(tracker.atStart(), tracker.atLineStart() || value.includes("\n"), called);
  const refill = (): boolean => {
    const next = pending.pop();
    if (next === undefined) return false;
    if (next.length > WINDOW) pending.push(next.slice(WINDOW));
    held += next.slice(0, WINDOW);
    return true;
  };
  const scan = (ended: boolean, out: ReadEvent[], cut = false): void => {
    for (;;) {
      if (held === "" && !refill() && !(ended && block)) return;
      if (stopped) held = "";
      else if (block) {
        const verdict = held === "" ? block.reader.end(cut) : feed(block);
        if (verdict) settle(verdict, out);
      } else if (!scanText(ended, out) && !refill()) return;
    }
  };
  /** false: what is held may still become a marker. */
  const scanText = (ended: boolean, out: ReadEvent[]): boolean => {
    const last = ended && pending.length === 0;
    const marks = marksIn(held);
    const at = marks.next(held, 0, last);
    if (at > 0) {
      text(held.slice(0, at), out);
      held = held.slice(at);
      return true;
    }
    const mark = marks.match(held, 0, last, allowed);
    if (mark === "wait") return false;
    if (mark !== undefined) begin(mark, out);
    else {
      text(held[0] ?? "", out);
      held = held.slice(1);
    }
    return true;
  };
  const begin = (mark: string, out: ReadEvent[]): void => {
    held = held.slice(mark.length);
    const entry = table.entries.get(mark);
    if (entry?.kind !== "open") {
      if (entry?.kind === "stop") {
        stopped = true;
        out.push({ type: "cut", mark });
      }
      return;
    }
    const place = tracker.place();
    openFirst(entry.openers.filter(({ opener }) => fits(opener, place, afterCall)));
  };
  const openFirst = ([found, ...others]: Opening["openers"]): void => {
    if (found) block = { ...found, reader: found.opener.open(context()), others, body: "", fed: 0 };
  };
  const feed = (open: OpenBlock): Verdict | undefined => {
    const piece = held.slice(0, PIECE - (open.fed % PIECE));
    held = held.slice(piece.length);
    open.fed += piece.length;
    open.body += piece;
    return open.reader.push(piece);
  };
  const again = (value: string): void => {
    if (value.length <= WINDOW) held = value + held;
    else {
      if (held !== "") pending.push(held);
      pending.push(value);
      held = "";
    }
  };
  const settle = (verdict: Verdict, out: ReadEvent[]): void => {
    if (!block) return;
    const { opener, body, dialect, others, fed } = block;
    block = undefined;
    if (verdict === "reject") {
      rescanned += Math.ceil(fed / PIECE) * PIECE;
      again(body);
      if (others.length) openFirst(others);
      else {
        // The marker's first character is text; behind it another marker may begin.
        if (opener.special) torn.add(dialect);
        rejected = true;
        text(opener.mark[0] ?? "", out);
        again(opener.mark.slice(1));
      }
      return;
    }
    const raw = opener.mark + body.slice(0, body.length - verdict.rest.length);
    again(verdict.rest);
    if (verdict.calls.length) {
      out.push({ type: "calls", calls: verdict.calls, raw, blank, dialect, repairs: verdict.repairs ?? [] });
      blank = "";
    } else if (verdict.repairs) out.push({ type: "dropped", kinds: verdict.repairs, raw });
    if (verdict.truncated) out.push({ type: "truncated", raw });
    torn.delete(dialect);
    before = raw;
    called = true;
    afterCall = true;
    tracker.push("x\n");
  };
  return {
    push(piece) {
      const out: ReadEvent[] = [];
      if (pending.length === 0 && held.length + piece.length <= WINDOW) held += piece;
      else pending.unshift(piece);
      scan(false, out);
      return joined(out);
    },
    plain(piece) {
      if (block || held !== "" || stopped || pending.length || piece === "") return undefined;
      // In the middle of a line, where no line begins.
      if (blank === "" && table.marks(false, false, called).lacks(piece) && tracker.goOn(piece)) {
        afterCall = false;
        return piece;
      }
      if (marksIn(piece).next(piece, 0, false) < piece.length) return undefined;
      tracker.push(piece);
      const solid = piece.trimEnd();
      if (solid === "") {
        blank += piece;
        return "";
      }
      const given = blank + solid;
      blank = piece.slice(solid.length);
      afterCall = false;
      return given;
    },
    waitsFor() {
      // Far inside a block only: its first pieces may still say that it is none.
      if (!block || block.fed <= WINDOW) return "nothing";
      return block.reader.waitsFor?.() ?? "little";
    },
    end(cut = false) {
      const out: ReadEvent[] = [];
      scan(true, out, cut);
      if (blank !== "") out.push({ type: "text", text: blank });
      blank = "";
      return joined(out);
    },
  };
}

/** The calls of a text that is nothing else. */
function readWhole(text: string, options: ReaderOptions): ReadCall[] | undefined {
  const reader = createCallReader(options);
  const events = [...reader.push(text), ...reader.end()];
  const calls = events.flatMap((event) => (event.type === "calls" ? event.calls : []));
  const pure = events.every(
    (event) => event.type !== "truncated" && (event.type !== "text" || event.text.trim() === ""),
  );
  return pure && calls.length ? calls : undefined;
}

function fits(opener: Opener, place: Place, afterCall: boolean): boolean {
  if (opener.special) return true;
  if (opener.where === "behind") return afterCall;
  if (place.quoted) return false;
  if (opener.where === "start") return place.atStart;
  return opener.where !== "line" || place.atLineStart;
}

interface OpenBlock {
  reader: Block;
  opener: Opener;
  dialect: string;
  /** What it was fed, and the length of that. */
  body: string;
  fed: number;
  /** Dialects with the same marker, tried when this one finds no call. */
  others: Opening["openers"];
}
const tableOf = perFrozen(createTable);

function joined(events: ReadEvent[]): ReadEvent[] {
  if (events.length < 2) return events;
  const out: ReadEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.type === "text" && last?.type === "text" && last.markup === event.markup)
      last.text += event.text;
    else out.push(event);
  }
  return out;
}
