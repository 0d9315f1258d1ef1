import { setImmediate as nextTurn } from "node:timers/promises";
import type { Storage as Unstorage } from "unstorage";
import { parseEntry, type Entry } from "./parse-entry.ts";
import { makeFolder } from "./safe-file.ts";
import { createStateDriver } from "./state-driver.ts";
import { toEntryName, toReadable } from "./to-entry-name.ts";
import type { StateStore } from "./types.ts";

export interface StateOptions {
  /** Folder for the files; none: kept in memory only. */
  dir?: string;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Small facts over unstorage. A broken, vanished or unwritable file is a fact forgotten, never an error. */
export function createState({ dir, now = Date.now }: StateOptions = {}): StateStore {
  let opened: Promise<Unstorage> | undefined;
  const open = (): Promise<Unstorage> => (opened ??= openUnstorage(dir, now));
  return {
    async get<T>(key: string) {
      try {
        return (await readEntry(await open(), toEntryName(key), now()))?.value as T | undefined;
      } catch {
        return undefined;
      }
    },
    async set(key, value, ttlMs) {
      try {
        const entry: Entry = { key, value, ...(ttlMs !== undefined && { expiresAt: now() + ttlMs }) };
        await (await open()).setItemRaw(toEntryName(key), JSON.stringify(entry));
      } catch {
        // A full disk forgets.
      }
    },
    async remove(key) {
      try {
        await (await open()).removeItem(toEntryName(key));
      } catch {
        // Not there is what was asked for.
      }
    },
    async keys(prefix = "") {
      try {
        const storage = await open();
        // The readable part of a name begins as its key does: only files that may fit are read.
        const names = (await storage.getKeys()).filter((name) => name.startsWith(toReadable(prefix)));
        const entries = await Promise.all(names.map((name) => readEntry(storage, name, now())));
        return entries.flatMap((entry) => (entry?.key.startsWith(prefix) ? [entry.key] : [])).sort();
      } catch {
        return [];
      }
    },
  };
}

async function openUnstorage(dir: string | undefined, now: () => number): Promise<Unstorage> {
  const { createStorage } = await import("unstorage");
  if (dir === undefined) return createStorage();
  const storage = createStorage({ driver: createStateDriver(dir, () => makeFolder(dir)) });
  sweep(storage, now).catch(() => undefined);
  return storage;
}

/** What expired while the daemon was off would stay for ever if nobody asks for it again. In nobody's way. */
async function sweep(storage: Unstorage, now: () => number): Promise<void> {
  for (const name of await storage.getKeys()) {
    await readEntry(storage, name, now());
    await nextTurn();
  }
}

async function readEntry(storage: Unstorage, name: string, now: number): Promise<Entry | undefined> {
  const text = await storage.getItemRaw<string>(name);
  if (typeof text !== "string") return undefined;
  const entry = parseEntry(text);
  // The name is made from the key: a file that says another key was copied there by hand.
  if (entry && toEntryName(entry.key) === name && (entry.expiresAt === undefined || entry.expiresAt > now))
    return entry;
  await storage.removeItem(name);
  return undefined;
}
