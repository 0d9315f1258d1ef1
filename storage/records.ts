import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { keepCorrupt } from "./keep-corrupt.ts";
import { parseEntry, type Entry } from "./parse-entry.ts";
import { createSafeFile, makeFolder } from "./safe-file.ts";
import { toEntryName } from "./to-entry-name.ts";
import type { StateStore } from "./types.ts";

export interface RecordsOptions {
  dir: string;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * What must not be lost, such as usage: like state, but a disk that fails is told to whoever asked, so that nothing is
 * written over that could not be read. A document that is broken is put aside.
 */
export function createRecords({ dir, now = Date.now }: RecordsOptions): StateStore {
  const pathOf = (key: string): string => join(dir, `${toEntryName(key)}.json`);
  const read = async (path: string): Promise<Entry | undefined> => {
    const text = await readText(path);
    if (text === undefined) return undefined;
    const entry = parseEntry(text);
    if (!entry) {
      await keepCorrupt(path, now());
      return undefined;
    }
    if (entry.expiresAt === undefined || entry.expiresAt > now()) return entry;
    await remove(path);
    return undefined;
  };
  return {
    get: async <T>(key: string) => (await read(pathOf(key)))?.value as T | undefined,
    async set(key, value, ttlMs) {
      const entry: Entry = { key, value, ...(ttlMs !== undefined && { expiresAt: now() + ttlMs }) };
      await makeFolder(dir);
      await createSafeFile(pathOf(key)).write(JSON.stringify(entry));
    },
    remove: (key) => remove(pathOf(key)),
    async keys(prefix = "") {
      const names = await readdir(dir).catch(orNothing([]));
      const files = names.filter((name) => name.endsWith(".json") && !name.startsWith("."));
      const entries = await Promise.all(files.map((name) => read(join(dir, name))));
      return entries.flatMap((entry) => (entry?.key.startsWith(prefix) ? [entry.key] : [])).sort();
    },
  };
}

const readText = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch(orNothing(undefined));

const remove = (path: string): Promise<void> => unlink(path).catch(orNothing(undefined));

/** A file that is not there is no failure. */
const orNothing =
  <T>(nothing: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === "ENOENT") return nothing;
    throw error;
  };
