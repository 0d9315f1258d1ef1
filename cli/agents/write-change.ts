import { existsSync } from "node:fs";
import { chown, mkdir, readdir, rm, rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createSafeFile } from "../../storage/safe-file.ts";
import type { Change } from "./plan-setup.ts";

/** Whether there is anything to write. */
export const isChange = ({ was, text }: Change): boolean =>
  was.exists ? text !== was.text : text !== undefined;

/** The folders that have to be made for a file, the outermost first. */
export function missingFolders(path: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) folders.unshift(at);
  return folders;
}

/** Writes one change, with a copy of what was there put by. Mode and owner stay. */
export async function writeChange(
  change: Change,
  { backups, now }: { backups: string; now: number },
): Promise<void> {
  const { path, was, text, record } = change;
  if (!isChange(change)) return;
  if (was.exists) await keepCopy(join(backups, `${basename(path)}.${toStamp(now)}`), was.mark + was.text);
  if (text === undefined) {
    await unlink(path);
    // Only empty ones go.
    for (const folder of record.folders.toReversed()) await rmdir(folder).catch(() => undefined);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await createSafeFile(path, was.mode).write(was.mark + text);
  if (process.getuid?.() === 0 && was.uid !== undefined && was.gid !== undefined)
    await chown(path, was.uid, was.gid);
}

async function keepCopy(path: string, content: string): Promise<void> {
  await createSafeFile(path).write(content);
  const folder = dirname(path);
  const name = basename(path).slice(0, -toStamp(0).length);
  const copies = (await readdir(folder)).filter((file) => file.startsWith(name)).toSorted();
  for (const old of copies.slice(0, -KEPT)) await rm(join(folder, old), { force: true });
}

const toStamp = (now: number): string => new Date(now).toISOString().replaceAll(/[:.]/g, "-");

const KEPT = 5;
