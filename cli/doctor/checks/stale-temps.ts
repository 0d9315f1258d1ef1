import { unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findTemporaries } from "../../../storage/sweep-temporaries.ts";
import { ok, warn, type Check } from "../check.ts";
import type { Facts } from "../facts.ts";

export const staleTemps: Check = {
  id: "stale-temps",
  title: "No half-written files are left over",
  fix: "ccproxy doctor --fix; they hold nothing that is needed",
  async run(facts) {
    const left = find(facts);
    return left.length === 0
      ? ok("none")
      : warn(`${left.length} left by a writer that was killed: ${left[0]}`);
  },
  async repair(facts) {
    const left = find(facts);
    for (const path of left) await unlink(path);
    return left.map((path) => `removed ${path}`);
  },
};

function find({ home, system }: Facts): string[] {
  const now = system.now();
  const own = [home.dir, join(home.dir, "state")].flatMap((folder) => findTemporaries(folder, now));
  const beside = findTemporaries(dirname(home.configFile), now, home.configFile);
  return [...new Set([...own, ...beside])];
}
