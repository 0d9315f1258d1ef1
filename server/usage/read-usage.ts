import type { StateStore } from "../../storage/types.ts";
import { addUp, toKey, toRows, type UsageRow } from "./ledger.ts";

export type UsageField = "key" | "alias" | "target" | "day";

/** The rows of the last `days` days, today among them; days are UTC. `now`: milliseconds since 1970. */
export async function readUsage(records: StateStore, days: number, now: number): Promise<UsageRow[]> {
  const names = Array.from({ length: days }, (_, ago) =>
    new Date(now - ago * DAY_MS).toISOString().slice(0, 10),
  ).reverse();
  const saved = await Promise.all(names.map((day) => records.get<unknown>(toKey(day))));
  return saved.flatMap(toRows);
}

/** One sum for each value of a field, the most used first; days in their order. */
export function sumUsage(rows: readonly UsageRow[], by: UsageField): UsageRow[] {
  const sums = new Map<string, UsageRow>();
  for (const row of rows) {
    const known = sums.get(row[by]);
    if (known) addUp(known, row);
    else
      sums.set(row[by], {
        ...row,
        day: "",
        key: "",
        alias: "",
        target: "",
        [by]: row[by],
        estimated: { ...row.estimated },
      });
  }
  const sorted = [...sums.values()];
  return by === "day"
    ? sorted.sort((a, b) => (a.day < b.day ? -1 : 1))
    : sorted.sort((a, b) => toSize(b) - toSize(a));
}

const toSize = ({ inputTokens, outputTokens, estimated }: UsageRow): number =>
  inputTokens + outputTokens + estimated.inputTokens + estimated.outputTokens;

const DAY_MS = 86_400_000;
