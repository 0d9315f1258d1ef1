import { createMarks, type Marks } from "../scanner.ts";
import type { Dialect, Opener } from "./block.ts";

/** What stands in front of a text, as far as it tells which marks may count in it. */
export interface Setting {
  /** Nothing but blanks. */
  atStart: boolean;
  /** A line may begin in it. */
  atLine: boolean;
  /** A call. */
  called: boolean;
}

export interface MarkerTable {
  entries: ReadonlyMap<string, Entry>;
  /** The marks that may count: without those that count in no place of a text that is so set. */
  marks: (setting: Setting) => Marks;
}

export type Entry = Opening | Plain;

interface Plain {
  kind: "drop" | "stop";
  dialect: string;
  special: boolean;
}
export interface Opening {
  kind: "open";
  openers: { opener: Opener; dialect: string }[];
}

/** The marks of dialects, and what each of them means. */
export function createTable(dialects: readonly Dialect[]): MarkerTable {
  const entries = new Map<string, Entry>();
  for (const dialect of dialects) {
    for (const opener of dialect.openers) {
      const entry = entries.get(opener.mark);
      if (entry?.kind === "open") entry.openers.push({ opener, dialect: dialect.name });
      else entries.set(opener.mark, { kind: "open", openers: [{ opener, dialect: dialect.name }] });
    }
  }
  for (const kind of ["drop", "stop"] as const) {
    for (const dialect of dialects) {
      for (const mark of dialect[kind] ?? []) {
        if (!entries.has(mark)) entries.set(mark, { kind, dialect: dialect.name, special: isSpecial(mark) });
      }
    }
  }
  const made: (Marks | undefined)[] = [];
  return {
    entries,
    marks(setting) {
      const index = (setting.called ? 4 : 0) + (setting.atStart ? 2 : 0) + (setting.atLine ? 1 : 0);
      return (made[index] ??= createMarks(
        [...entries].flatMap(([mark, entry]) => (mayCount(entry, setting) ? [mark] : [])),
      ));
    },
  };
}

function mayCount(entry: Entry, { atStart, atLine, called }: Setting): boolean {
  if (entry.kind !== "open") return entry.special || (called && (entry.kind === "drop" || atLine));
  return entry.openers.some(({ opener: { special, where } }) => {
    if (special || where === undefined) return true;
    if (where === "behind") return called;
    return where === "start" ? atStart : atLine;
  });
}

/** Tokens with bars never occur in prose. */
const isSpecial = (mark: string): boolean =>
  /[|｜]/.test(mark) || mark === "</s>" || mark === "<end_of_turn>";
