import { readUsage, sumUsage } from "../server/usage/read-usage.ts";
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
    by: {
      type: "enum",
      options: ["key", "alias", "target", "day"],
      default: "target",
      description: "What is added up; default target.",
    },
  },
  examples: ["ccproxy usage", "ccproxy usage --days 30 --by day", "ccproxy usage --by key --json"],
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
      const days = toNumber("days", args.days);
      if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
        throw new CliError(
          "bad-value",
          `--days: "${args.days}"`,
          `give a whole number from 1 to ${MOST_DAYS}`,
        );
      const by = args.by as "key" | "alias" | "target" | "day";
      const rows = await readUsage(records, days, Date.now());
      const sums = sumUsage(rows, by).map((row) => toShown(row, by));
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

const toShown = (row: UsageRow, by: "key" | "alias" | "target" | "day") => {
  const { requests, errors, inputTokens, outputTokens, cachedTokens, estimated } = row;
  return { name: row[by], requests, errors, inputTokens, outputTokens, cachedTokens, estimated };
};

const toCount = (value: number): string => value.toLocaleString("en-US");

/** What is older is forgotten. */
const MOST_DAYS = 90;
