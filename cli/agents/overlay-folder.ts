import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Shows an agent its own folder with some files of ours in it: folders are links, files copies. `giveBack` carries over
 * what the agent made or changed, logins and history above all; what is ours stays here.
 */
export async function overlayFolder(
  from: string,
  to: string,
  ours: readonly string[],
): Promise<{ giveBack: () => Promise<void> }> {
  await mkdir(to, { recursive: true });
  const entries = await readdir(from, { withFileTypes: true }).catch(() => []);
  const copies = new Map<string, Buffer>();
  for (const entry of entries.filter(({ name }) => !ours.includes(name))) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const content = await readFile(source).catch(() => undefined);
    // A folder cannot be read; on Windows only this kind of link needs no special right.
    if (content === undefined) await symlink(source, target, "junction");
    else {
      await cp(source, target, { dereference: true });
      copies.set(entry.name, content);
    }
  }
  return {
    async giveBack() {
      for (const entry of await readdir(to, { withFileTypes: true })) {
        if (ours.includes(entry.name) || entry.isSymbolicLink()) continue;
        const [source, target] = [join(to, entry.name), join(from, entry.name)];
        const before = copies.get(entry.name);
        if (before && (await readFile(source)).equals(before)) continue;
        await mkdir(from, { recursive: true });
        await cp(source, target, { recursive: true });
      }
    },
  };
}
