// Takes one guard after the other out of a copy of the tree and runs the tests that are to miss it: a guard without
// which all of them pass is not tested. `node scripts/mutants.mjs [part of a name]`
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOOR } from "./mutants/door.mjs";
import { PROCESSES } from "./mutants/processes.mjs";
import { RELIABILITY } from "./mutants/reliability.mjs";
import { SPEED } from "./mutants/speed.mjs";
import { STORAGE } from "./mutants/storage.mjs";
import { TRAFFIC } from "./mutants/traffic.mjs";

/** [what is gone, file, what stands there, what stands there then, tests, -t] */
const MUTANTS = [...RELIABILITY, ...DOOR, ...TRAFFIC, ...STORAGE, ...PROCESSES, ...SPEED];

const root = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "ccproxy-mutants-"));
for (const name of [
  "adapters",
  "compat",
  "server",
  "routing",
  "storage",
  "cli",
  "scripts",
  "tsdown.config.js",
  "test",
  "fixtures",
  "docs",
  "scripts",
  "README.md",
  "config.schema.json",
  "package-lock.json",
  "tsdown.config.js",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
])
  cpSync(join(root, name), join(copy, name), { recursive: true });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

let [tried, survived] = [0, 0];
const wanted = process.argv[2] ?? "";
for (const [name, file, found, put, tests, only] of MUTANTS) {
  if (!name.includes(wanted)) continue;
  tried++;
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(found)) {
    survived++;
    process.stdout.write(`GONE      ${name}: ${file} has no ${JSON.stringify(found)}\n`);
    continue;
  }
  writeFileSync(
    path,
    text.replace(found, () => put),
  );
  const run = spawnSync("npx", ["vitest", "run", ...tests, "--bail=1", ...(only ? ["-t", only] : [])], {
    cwd: copy,
    encoding: "utf8",
    timeout: 180_000,
  });
  writeFileSync(path, text);
  const killed = run.status !== 0 && /Tests .*failed/.test(run.stdout);
  if (!killed) survived++;
  process.stdout.write(`${killed ? "killed   " : "SURVIVED "} ${name}\n`);
}
rmSync(copy, { recursive: true, force: true });
process.stdout.write(`${tried - survived} of ${tried} killed\n`);
process.exitCode = survived > 0 ? 1 : 0;
