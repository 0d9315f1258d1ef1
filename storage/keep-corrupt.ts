import { readdir, readFile, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createSafeFile } from "./safe-file.ts";

/**
 * Puts a copy of an unreadable file aside as `<file>.corrupt-<time>`, byte for byte, once per content; the newest five
 * stay. Returns its path; undefined when there is nothing to keep or no place for it.
 */
export async function keepCorrupt(path: string, now: number): Promise<string | undefined> {
  const prefix = `${basename(path)}.corrupt-`;
  try {
    const content = await readFile(path);
    if (content.toString("latin1").trim() === "") return undefined;
    const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix)).sort();
    const kept = names.map((name) => join(dirname(path), name));
    for (const file of kept) {
      if (content.equals(await readFile(file))) return file;
    }
    const copy = join(
      dirname(path),
      prefix + new Date(now).toISOString().replaceAll(/[-:]/g, "").replace(/\.\d+/, ""),
    );
    await createSafeFile(copy).write(content);
    for (const old of kept.slice(0, Math.max(0, kept.length - 4))) await unlink(old);
    return copy;
  } catch {
    return undefined;
  }
}
