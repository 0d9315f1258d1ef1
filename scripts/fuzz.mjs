// Sends a million malformed bodies at a daemon: 200,000 in each protocol's words. SEED=… repeats a run.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const seed = process.env.SEED ?? String(Date.now() % 1_000_000_000);
console.log(`SEED=${seed}`);
const bin = join("node_modules", ".bin", process.platform === "win32" ? "vitest.cmd" : "vitest");
const { status } = spawnSync(bin, ["run", "test/security/fuzz.test.ts", ...process.argv.slice(2)], {
  stdio: "inherit",
  shell: process.platform === "win32",
  env: { ...process.env, SEED: seed, FUZZ_RUNS: process.env.FUZZ_RUNS ?? "200000" },
});
process.exit(status ?? 1);
