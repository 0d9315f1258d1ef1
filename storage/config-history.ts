import { readdir, readFile, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createSafeFile } from "./safe-file.ts";

export interface KeptConfig {
  /** Its file's name ends in it: `20300131T112233444Z`. */
  version: string;
  path: string;
}

/**
 * Puts a text that served as configuration aside as `<file>.bak-<time>`, so that one can go back to it; the newest ten
 * stay. A convenience: a folder that cannot be written to changes nothing for its configuration.
 */
export async function keepConfig(path: string, text: string, now: number): Promise<void> {
  try {
    const kept = await listKept(path);
    const [newest] = kept;
    if (newest && (await readFile(newest.path, "utf8")) === text) return;
    const version = new Date(now).toISOString().replaceAll(/[-:.]/g, "");
    await createSafeFile(`${path}.bak-${version}`).write(text);
    for (const old of kept.slice(MOST - 1)) await unlink(old.path);
  } catch {
    // What serves now is written already.
  }
}

/** Configurations that served before, the newest first. */
export async function listKept(path: string): Promise<KeptConfig[]> {
  const prefix = `${basename(path)}.bak-`;
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names
    .filter((name) => name.startsWith(prefix) && /^\d{8}T\d{9}Z$/.test(name.slice(prefix.length)))
    .sort()
    .reverse()
    .map((name) => ({ version: name.slice(prefix.length), path: join(dirname(path), name) }));
}

const MOST = 10;
