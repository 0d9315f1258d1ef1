import type { StateStore } from "../../storage/types.ts";
import { createKeeper } from "../keeper.ts";
import type { RequestLogEntry } from "../request-log.ts";

/** What one client key used of one target by one alias on one day. */
export interface UsageRow {
  /** UTC: `2030-01-31`. */
  day: string;
  /** Id of the client key; "-": none was needed. */
  key: string;
  /** `group@alias`; `group@-`: refused before that. */
  alias: string;
  /** `provider/model`; "-": nobody was asked. */
  target: string;
  requests: number;
  errors: number;
  /** Tokens as the provider counted them; cached ones are part of the input. */
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Requests whose provider did not say, counted by us: none of these tokens are in the numbers above. */
  estimated: { requests: number; inputTokens: number; outputTokens: number };
}

export interface Ledger {
  record: (entry: RequestLogEntry) => void;
  flush: () => Promise<void>;
}

interface Day {
  rows: Map<string, UsageRow>;
  /** What was written on that day before is in `rows`: until then nothing is written over it. */
  loaded: boolean;
  changed: boolean;
}

/** Adds up usage by day, and keeps one document per day. What a disk refuses is kept, and written with what comes next. */
export function createLedger(records: StateStore): Ledger {
  const days = new Map<string, Day>();
  const write = async (name: string, day: Day): Promise<void> => {
    if (!day.loaded) {
      for (const row of toRows(await records.get<unknown>(toKey(name)))) addTo(day.rows, row);
      day.loaded = true;
    }
    day.changed = false;
    try {
      await records.set(toKey(name), [...day.rows.values()], KEPT_MS);
    } catch (error) {
      day.changed = true;
      keeper.touch();
      throw error;
    }
  };
  const keeper = createKeeper(async () => {
    const latest = [...days.keys()].sort().at(-1);
    for (const [name, day] of days) {
      if (day.changed) await write(name, day);
      else if (name !== latest) days.delete(name);
    }
  });
  const dayOf = (name: string): Day => {
    const day = days.get(name) ?? { rows: new Map(), loaded: false, changed: false };
    days.set(name, day);
    return day;
  };
  return {
    record(entry) {
      const row = toRow(entry);
      if (!row) return;
      const day = dayOf(row.day);
      addTo(day.rows, row);
      day.changed = true;
      keeper.touch();
    },
    flush: keeper.flush,
  };
}

/** Under which name a day's document is kept. */
export const toKey = (day: string): string => `usage/${day}`;

/** Of a saved document, what can be read. */
export function toRows(saved: unknown): UsageRow[] {
  return Array.isArray(saved) ? saved.filter(isRow) : [];
}

/** Adds a row's numbers to those of another. */
export function addUp(sum: UsageRow, row: UsageRow): void {
  for (const field of NUMBERS) sum[field] += row[field];
  for (const field of ESTIMATES) sum.estimated[field] += row.estimated[field];
}

/** undefined: no chat or embedding. */
function toRow(entry: RequestLogEntry): UsageRow | undefined {
  if (entry.model === undefined || entry.group === undefined) return undefined;
  // Refused before anybody looked what was meant; else no alias means that nothing was generated.
  if (entry.alias === undefined && entry.status < 400) return undefined;
  const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, estimated = false } = entry;
  const told = !estimated;
  // A client that went away is no error.
  const failed = entry.status !== 499 && (entry.status >= 400 || entry.error !== undefined);
  return {
    day: entry.time.slice(0, 10),
    key: entry.key ?? "-",
    alias: `${entry.group}@${entry.alias ?? "-"}`,
    target: entry.target ?? "-",
    requests: 1,
    errors: failed ? 1 : 0,
    inputTokens: told ? inputTokens : 0,
    outputTokens: told ? outputTokens : 0,
    cachedTokens: told ? cachedTokens : 0,
    estimated: {
      requests: told ? 0 : 1,
      inputTokens: told ? 0 : inputTokens,
      outputTokens: told ? 0 : outputTokens,
    },
  };
}

function addTo(rows: Map<string, UsageRow>, row: UsageRow): void {
  const id = `${row.key}\n${row.alias}\n${row.target}`;
  const known = rows.get(id);
  if (known) return addUp(known, row);
  // Names of models come from clients where a target leaves the model open.
  if (rows.size < MOST_ROWS) return void rows.set(id, row);
  const other = rows.get(OTHER);
  if (other) addUp(other, row);
  else rows.set(OTHER, { ...row, key: OTHER, alias: OTHER, target: OTHER });
}

function isRow(value: unknown): value is UsageRow {
  const row = value as UsageRow | null;
  return (
    typeof row === "object" &&
    row !== null &&
    WORDS.every((field) => typeof row[field] === "string") &&
    NUMBERS.every((field) => Number.isFinite(row[field])) &&
    typeof row.estimated === "object" &&
    row.estimated !== null &&
    ESTIMATES.every((field) => Number.isFinite(row.estimated[field]))
  );
}

const WORDS = ["day", "key", "alias", "target"] as const;
const NUMBERS = ["requests", "errors", "inputTokens", "outputTokens", "cachedTokens"] as const;
const ESTIMATES = ["requests", "inputTokens", "outputTokens"] as const;
const OTHER = "other";
const MOST_ROWS = 2000;
/** A quarter of a year. */
const KEPT_MS = 90 * 86_400_000;
