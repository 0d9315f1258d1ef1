// The one test command: lint, format, types, build, tests. The last line counts the tests.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "ccproxy-test-"));
const report = join(folder, "report.json");
const bin = (name) => join("node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);

const steps = [
  ["lint", bin("oxlint"), ["--deny-warnings"]],
  ["format", bin("oxfmt"), ["--check", "."]],
  ["types", bin("tsc"), ["--noEmit"]],
  ["build", bin("tsdown"), []],
];

let failed = 0;
for (const [name, command, args] of steps) {
  console.log(`> ${name}`);
  const { status } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status === 0) continue;
  console.log(`${name} failed`);
  failed++;
}
console.log("> tests");
const args = [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
];
const tests = spawnSync(bin("vitest"), args, { stdio: "inherit", shell: process.platform === "win32" });
const counts = readCounts();
rmSync(folder, { recursive: true, force: true });

// A step or a run that failed without a failing test must not look like a pass.
failed += counts.failed;
if (tests.status !== 0 && counts.failed === 0) failed++;
console.log(`${counts.passed} passed, ${failed} failed`);
process.exit(failed === 0 && counts.passed > 0 ? 0 : 1);

function readCounts() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
