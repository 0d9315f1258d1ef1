import { createMarks, type Marks } from "../scanner.ts";
import type { Dialect, Opener } from "./block.ts";

export interface MarkerTable {
  entries: ReadonlyMap<string, Entry>;
  /**
   * The marks that may count in a text: `atStart`: nothing but blanks are in front of it; `atLine`: a line may begin in
   * it; `called`: there was a call.
   */
  marks: (atStart: boolean, atLine: boolean, called: boolean) => Marks;
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
    marks(atStart, atLine, called) {
      const index = (called ? 4 : 0) + (atStart ? 2 : 0) + (atLine ? 1 : 0);
      return (made[index] ??= createMarks(marksOf(entries, { atStart, atLine, called })));
    },
  };
}

interface Setting {
  atStart: boolean;
  atLine: boolean;
  called: boolean;
}

const marksOf = (entries: ReadonlyMap<string, Entry>, setting: Setting): string[] =>
  [...entries].flatMap(([mark, entry]) => (mayCount(entry, setting) ? [mark] : []));

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
