import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Driver } from "unstorage";
import { createSafeFile } from "./safe-file.ts";

/** An unstorage driver: one file per key. Its own `fs` driver writes in place and world-readable. */
export function createStateDriver(dir: string, prepare: () => Promise<void>): Driver {
  const pathOf = (name: string): string => join(dir, `${name}.json`);
  const read = (name: string): Promise<string | null> => readFile(pathOf(name), "utf8").catch(() => null);
  const write = async (name: string, value: string): Promise<void> => {
    await prepare();
    await createSafeFile(pathOf(name)).write(value);
  };
  return {
    name: "ccproxy-state",
    hasItem: async (name) => (await read(name)) !== null,
    getItem: read,
    getItemRaw: read,
    setItem: write,
    setItemRaw: (name, value) => write(name, String(value)),
    removeItem: (name) => unlink(pathOf(name)).catch(() => undefined),
    async getKeys() {
      const names = await readdir(dir).catch(() => []);
      return names
        .filter((name) => name.endsWith(".json") && !name.startsWith("."))
        .map((name) => name.slice(0, -5));
    },
  };
}
