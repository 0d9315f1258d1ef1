import { readUsage, sumUsage, type UsageField } from "../server/usage/read-usage.ts";
import type { UsageRow } from "../server/usage/ledger.ts";
import { command } from "./command.ts";
import { CliError } from "./exit-code.ts";
import { withStorage } from "./home.ts";
import { print, toTable } from "./print.ts";
import { toNumber } from "./to-value.ts";
import { list, number, record, text } from "./shape.ts";

export default command({
  args: {
    days: {
      type: "string",
      valueHint: "number",
      default: "1",
      description: "How many days back, in UTC, today among them; default 1, at most 90.",
    },
    since: {
      type: "string",
      valueHint: "when",
      description: "From that day on instead: an ISO date, or a span such as 7d, 2w.",
    },
    by: {
      type: "enum",
      options: ["key", "alias", "model", "provider", "target", "day"],
      default: "target",
      description: "What is added up; default target.",
    },
  },
  examples: [
    "ccproxy usage",
    "ccproxy usage --days 30 --by day",
    "ccproxy usage --by provider --since 7d",
    "ccproxy usage --by key --json",
  ],
  output: list(
    record({
      name: text,
      requests: number,
      errors: number,
      inputTokens: number,
      outputTokens: number,
      cachedTokens: number,
      estimated: record({ requests: number, inputTokens: number, outputTokens: number }),
    }),
  ),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ records, config }) => {
      const now = Date.now();
      const days = args.since === undefined ? toNumber("days", args.days) : toDays(args.since, now);
      if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
        throw new CliError(
          "bad-value",
          args.since === undefined ? `--days: "${args.days}"` : `--since: "${args.since}"`,
          `give a whole number of days from 1 to ${MOST_DAYS}, or a time as far back`,
        );
      const by = args.by as By;
      const rows = (await readUsage(records, days, now)).map((row) => toPart(row, by));
      const field = by === "model" || by === "provider" ? "target" : by;
      const sums = sumUsage(rows, field).map((row) => toShown(row, field));
      const nameOf = (value: string): string =>
        by === "key" && config.current.keys[value] ? `${value} (${config.current.keys[value].name})` : value;
      const lines = sums.map((sum) => [
        nameOf(sum.name),
        ...[sum.requests, sum.errors, sum.inputTokens, sum.cachedTokens, sum.outputTokens].map(toCount),
        sum.estimated.requests === 0
          ? ""
          : `${toCount(sum.estimated.inputTokens)} + ${toCount(sum.estimated.outputTokens)}`,
      ]);
      const header = [by.toUpperCase(), "REQUESTS", "ERRORS", "INPUT", "CACHED", "OUTPUT", "ESTIMATED"];
      print(args, invocation, sums, sums.length === 0 ? "nothing was used" : toTable(header, lines));
    }),
});

type By = UsageField | "model" | "provider";

/** A target's provider or model in its place. */
function toPart(row: UsageRow, by: By): UsageRow {
  const slash = row.target.indexOf("/");
  if (slash === -1 || (by !== "model" && by !== "provider")) return row;
  return { ...row, target: by === "model" ? row.target.slice(slash + 1) : row.target.slice(0, slash) };
}

/** How many UTC days there are from a point in time until now. */
function toDays(since: string, now: number): number {
  const span = /^(\d{1,4})([hdw])$/.exec(since);
  const from = span ? now - Number(span[1]) * (HOURS[span[2] ?? ""] ?? 0) * 3_600_000 : Date.parse(since);
  return Math.floor(now / DAY_MS) - Math.floor(from / DAY_MS) + 1;
}

const toShown = (row: UsageRow, by: UsageField) => {
  const { requests, errors, inputTokens, outputTokens, cachedTokens, estimated } = row;
  return { name: row[by], requests, errors, inputTokens, outputTokens, cachedTokens, estimated };
};

const toCount = (value: number): string => value.toLocaleString("en-US");

/** What is older is forgotten. */
const MOST_DAYS = 90;
const DAY_MS = 86_400_000;
const HOURS: Record<string, number> = { h: 1, d: 24, w: 168 };
