import { readdir, readFile, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createSafeFile } from "./safe-file.ts";

/**
 * Puts a copy of an unreadable file's text aside as `<file>.corrupt-<time>`, once per text; the newest five stay.
 * Returns its path; undefined when there is nothing to keep or no place for it.
 */
export async function keepCorrupt(path: string, text: string, now: number): Promise<string | undefined> {
  if (text.trim() === "") return undefined;
  const prefix = `${basename(path)}.corrupt-`;
  try {
    const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix)).sort();
    const kept = names.map((name) => join(dirname(path), name));
    for (const file of kept) {
      if ((await readFile(file, "utf8")) === text) return file;
    }
    const copy = join(
      dirname(path),
      prefix + new Date(now).toISOString().replaceAll(/[-:]/g, "").replace(/\.\d+/, ""),
    );
    await createSafeFile(copy).write(text);
    for (const old of kept.slice(0, Math.max(0, kept.length - 4))) await unlink(old);
    return copy;
  } catch {
    return undefined;
  }
}
