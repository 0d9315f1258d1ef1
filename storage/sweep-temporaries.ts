import { readdir, stat, unlink } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * Removes temporary files that killed writers left in a folder, older than a minute at `now` (ms since 1970).
 * `of`: only those of this file; where the folder is not ours alone.
 */
export async function sweepTemporaries(folder: string, now: number, of?: string): Promise<void> {
  for (const path of await findTemporaries(folder, now, of)) await unlink(path).catch(() => undefined);
}

/** The files that `sweepTemporaries` removes. */
export async function findTemporaries(folder: string, now: number, of?: string): Promise<string[]> {
  const prefix = of === undefined ? "." : `.${basename(of)}.`;
  const names = await readdir(folder).catch(() => []);
  const stale: string[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix) || !TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const written = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => now,
    );
    if (now - written > STALE_MS) stale.push(path);
  }
  return stale;
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
