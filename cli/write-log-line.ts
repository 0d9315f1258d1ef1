import { printable } from "./printable.ts";

/** A line of the request log for a person: one short line. What is no entry stays as it is, made harmless. */
export function writeLogLine(line: string): string {
  const entry = parseEntry(line);
  if (!entry) return plain(line);
  const text = (name: string): string | undefined =>
    typeof entry[name] === "string" ? (entry[name] as string) : undefined;
  const number = (name: string): number | undefined =>
    typeof entry[name] === "number" ? (entry[name] as number) : undefined;
  const { model, target } = { model: text("model"), target: text("target") };
  const asked = model === undefined ? text("path") : `${text("group") ?? "?"}@${model}`;
  const [attempts, firstMs] = [number("attempts") ?? 0, number("firstMs")];
  const [read, written] = [number("inputTokens"), number("outputTokens")];
  const words = [
    text("time")?.slice(11, 19),
    String(entry["status"] ?? ""),
    text("protocol"),
    target === undefined ? asked : `${asked} → ${target}`,
    text("rule") === undefined ? undefined : `by ${text("rule")}`,
    attempts > 1 ? `${attempts} attempts` : undefined,
    toSeconds(number("ms")),
    firstMs === undefined ? undefined : `first ${toSeconds(firstMs)}`,
    read === undefined && written === undefined
      ? undefined
      : `${entry["estimated"] === true ? "~" : ""}${read ?? 0}→${written ?? 0} tokens`,
    text("finish"),
    text("error"),
  ];
  return plain(words.filter((word) => word !== undefined && word !== "").join("  "));
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line) as Record<string, unknown>;
    return typeof entry["time"] === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a line is an entry of the request log, and not talk. */
export const isEntry = (line: string): boolean => parseEntry(line) !== undefined;

/** Whether a line is an entry of a request that failed. A client that went away is no failure. */
export function isFailure(line: string): boolean {
  const entry = parseEntry(line);
  if (!entry || entry["status"] === 499) return false;
  return Number(entry["status"]) >= 400 || entry["error"] !== undefined;
}

const toSeconds = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;

/** Harmless to a terminal, and one line whatever is in it. */
const plain = (text: string): string => printable(text).replaceAll(/[\n\t]/g, " ");
