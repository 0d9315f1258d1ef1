import { chmod, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Check } from "../check.ts";
import type { Facts } from "../facts.ts";

export const fileModes: Check = {
  id: "file-modes",
  title: "Nobody else can read keys or the configuration",
  fix: "ccproxy doctor --fix, or chmod 600 each of them (700 the folder)",
  async run(facts) {
    const open = await findOpen(facts);
    return open.length === 0
      ? ok("only their owner may read them")
      : fail(`others may read ${open.map(({ path, mode }) => `${path} (${mode.toString(8)})`).join(", ")}`);
  },
  async repair(facts) {
    const open = await findOpen(facts);
    for (const { path, wanted } of open) await chmod(path, wanted);
    return open.map(({ path, wanted }) => `${path} is ${wanted.toString(8)} now`);
  },
};

interface Open {
  path: string;
  mode: number;
  wanted: number;
}

async function findOpen({ home, system }: Facts): Promise<Open[]> {
  if (system.platform === "win32") return [];
  const keys = (await readdir(join(home.dir, "keys")).catch(() => [])).map((name) =>
    join(home.dir, "keys", name),
  );
  const files = [
    home.configFile,
    `${home.configFile}.bak`,
    home.logFile,
    ...["admin-token", "pepper"].map((name) => join(home.dir, name)),
    ...keys,
  ];
  const found = await Promise.all([look(home.dir, 0o700), ...files.map((path) => look(path, 0o600))]);
  return found.flatMap((one) => one ?? []);
}

async function look(path: string, wanted: number): Promise<Open | undefined> {
  const found = await stat(path).catch(() => undefined);
  const mode = (found?.mode ?? 0) & 0o777;
  return (mode & 0o077) === 0 ? undefined : { path, mode, wanted };
}
