import { CliError } from "./exit-code.ts";

/** Readers for the values of flags: the value in its type, or a usage failure that names the flag. */
export function toNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new CliError("bad-value", `--${flag}: expected a number, got "${text}"`, "give a number such as 10");
}

export function toPort(flag: string, text: string): number {
  const value = toNumber(flag, text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new CliError(
    "bad-value",
    `${flag}: expected a port from 0 to 65535, got "${text}"`,
    "give a port such as 8080",
  );
}

export function toWorkers(flag: string, text: string): number {
  const value = toNumber(flag, text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST_WORKERS) return value;
  throw new CliError(
    "bad-value",
    `${flag}: expected a number of processes from 1 to ${MOST_WORKERS}, got "${text}"`,
    "give as many as the machine has cores to spare",
  );
}

const MOST_WORKERS = 64;

/** `name=value` pairs, as of `--header` and `--param`. The value may be a secret, so it is not shown. */
export function toPairs(flag: string, texts: string[]): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf("=");
    if (at < 1)
      throw new CliError("bad-value", `--${flag}: expected name=value`, "write the name, =, and the value");
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  });
}

/** Words of a flag that may be repeated, or given at once with commas. */
export const toWords = (texts: string[]): string[] =>
  texts
    .flatMap((text) => text.split(","))
    .map((word) => word.trim())
    .filter(Boolean);

/** JSON where it is JSON, else the text itself. */
export function toJsonValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The point in time of an ISO date, or of a span from now such as 12h, 30d, 8w. */
export function toDate(flag: string, text: string, now: number): string {
  const span = /^(\d{1,5})([hdw])$/.exec(text);
  const at = span ? now + Number(span[1]) * (UNITS[span[2] ?? ""] ?? 0) : Date.parse(text);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new CliError(
    "bad-value",
    `--${flag}: expected an ISO date or a span, got "${text}"`,
    "give a date such as 2030-01-31, or a span such as 12h, 30d, 8w",
  );
}

const UNITS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };
