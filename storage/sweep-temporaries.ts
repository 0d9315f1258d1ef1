import { readdirSync, statSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * Removes temporary files that killed writers left in a folder, older than a minute at `now` (ms since 1970).
 * `of`: only those of this file; where the folder is not ours alone.
 */
export function sweepTemporaries(folder: string, now: number, of?: string): void {
  for (const path of findTemporaries(folder, now, of)) orNothing(() => unlinkSync(path));
}

/** The files that `sweepTemporaries` removes. */
export function findTemporaries(folder: string, now: number, of?: string): string[] {
  const prefix = of === undefined ? "." : `.${basename(of)}.`;
  const names = orNothing(() => readdirSync(folder)) ?? [];
  return names
    .filter((name) => name.startsWith(prefix) && TEMPORARY.test(name))
    .map((name) => join(folder, name))
    .filter((path) => now - (orNothing(() => statSync(path).mtimeMs) ?? now) > STALE_MS);
}

function orNothing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/**
 * A name for a temporary file beside `path`, another one each time. It need not be hard to guess: it is opened only if
 * nothing has that name, and what makes secrets is not loaded for it.
 */
export const toTemporary = (path: string): string =>
  join(path, "..", `.${basename(path)}.${randomDigits()}${randomDigits()}.tmp`);

/** Eight hexadecimal ones. */
const randomDigits = (): string =>
  Math.floor(Math.random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, "0");

const TEMPORARY = /\.[0-9a-f]{16}\.tmp$/;
const STALE_MS = 60_000;
