// Takes one guard after the other out of a copy of the tree and runs the tests that are to miss it: a guard without
// which all of them pass is not tested. `node scripts/mutants.mjs [part of a name]`
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LEAVING = "test/reliability/leaving.test.ts";
const LOAD = "test/reliability/load.test.ts";
const COMMIT = "test/reliability/commit-invariant.test.ts";
const FAULTS = "test/faults/openai.test.ts";
const ENDINGS = "test/faults/endings.test.ts";

/** [what is gone, file, what stands there, what stands there then, tests, -t] */
const MUTANTS = [
  [
    "commit point: text is held as if it were none",
    "server/commit-point.ts",
    'if (event.text !== "") return true;',
    "break;",
    ["test/server/commit-point.test.ts"],
  ],
  ["nothing is retried after output", "server/attempts.ts", "answer.committed ||", "", [FAULTS], "f19|f18"],
  [
    "what an attempt said unsent is forgotten",
    "server/answer.ts",
    "waiting = [];\n      points = [];",
    "points = [];",
    [COMMIT],
    "attempts break",
  ],
  [
    "a writer that has begun is made anew",
    "server/answer.ts",
    "if (isBegun && !committed) writer = createWriter();",
    "",
    [COMMIT],
    "attempts break",
  ],
  [
    "cooldown is looked up at every pick",
    "routing/plan.ts",
    "&& restOf(slot) === 0",
    "",
    ["test/failover.test.ts"],
    "cooldowns",
  ],
  [
    "a deadline is only moved later",
    "routing/health.ts",
    "Math.max(before?.until ?? 0, now() + rest)",
    "now() + rest",
    ["test/routing/health.test.ts"],
  ],
  [
    "one trial at a time",
    "routing/health.ts",
    "return illness.tried ? TRIAL_MS : 0;",
    "return 0;",
    ["test/routing/health.test.ts"],
  ],
  [
    "who leaves ends the provider's work",
    "server/relay-bytes.ts",
    "if (error) handle?.abort();",
    "",
    [LEAVING],
    "headers|middle",
  ],
  [
    "who leaves ends a connection that is being made",
    "server/upstream.ts",
    'connecting?.destroy(new Error("aborted"));',
    "",
    [LEAVING],
    "being made",
  ],
  [
    "who leaves ends the wait for a key",
    "server/wait-for-rest.ts",
    'signal.addEventListener("abort", done, { once: true });',
    "",
    ["test/server/wait-for-rest.test.ts"],
  ],
  [
    "nobody is asked once the daemon ends",
    "server/attempts.ts",
    "exchange.signal.aborted ||",
    "",
    [LOAD],
    "nothing sent",
  ],
  [
    "a stream without its end is an error (passed through)",
    "server/pipe.ts",
    'look([...probe.push(rest.toString("utf8")), ...probe.end()], rest);',
    "",
    [FAULTS],
    "openai provider.*f21",
  ],
  [
    "events go through whole",
    "server/byte-events.ts",
    'if (framing === "ndjson") return whole;',
    "return whole;",
    [COMMIT, "test/server/byte-events.test.ts"],
  ],
  [
    "an event that is no JSON is not passed on",
    "server/pipe.ts",
    "return true;\n  } catch {\n    return false;",
    "return true;\n  } catch {\n    return true;",
    [FAULTS],
    "f22-late",
  ],
  [
    "a complete answer needs no end of its connection",
    "server/relay-bytes.ts",
    "if (!options.isComplete?.()) return finish(error);",
    "if (error) return finish(error);",
    [ENDINGS],
    "stays open|reset after",
  ],
  [
    "the retry budget",
    "routing/retry-budget.ts",
    "window.retried >= LEAST",
    "window.retried >= 1e9",
    ["test/routing/retry-budget.test.ts"],
  ],
  [
    "one more try, not two",
    "server/attempts.ts",
    " || renewed) return other;",
    ") return other;",
    [FAULTS],
    "f12",
  ],
  [
    "what cannot change is not tried again",
    "routing/judge-failure.ts",
    '...(!isLasting(error) && { again: "any" }),',
    'again: "any",',
    [FAULTS],
    "f4|f15",
  ],
  ["back-pressure", "server/relay-bytes.ts", "handle?.pause();", "", [LOAD], "holds its provider up"],
  [
    "idle timer",
    "server/timers.ts",
    "const next = Math.min(deadline, end);",
    'const next = waitingFor === "idle" ? now + 1e6 : Math.min(deadline, end);',
    [FAULTS],
    "f18",
  ],
  [
    "dates in Retry-After",
    "server/retry-at.ts",
    "Math.max(0, moment - now)",
    "undefined",
    [FAULTS],
    "f10-date",
  ],
  [
    "redirects are not followed, nor their hosts asked",
    "server/relay-bytes.ts",
    "failed = code < 200 || code >= 300;",
    "failed = code >= 400;",
    [FAULTS],
    "f15",
  ],
  [
    "the daemon's end is told",
    "server/drain.ts",
    "for (const stop of live) stop(error);",
    "void live; void error;",
    [LOAD],
    "200 streams",
  ],
  [
    "a stream is asked for where one body is wanted",
    "server/ask-model.ts",
    "stream: request.stream || !manner.unstreamed",
    "stream: request.stream",
    [ENDINGS],
    "one body",
  ],
];

const root = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "ccproxy-mutants-"));
for (const name of [
  "adapters",
  "compat",
  "server",
  "routing",
  "storage",
  "cli",
  "test",
  "fixtures",
  "docs",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
])
  cpSync(join(root, name), join(copy, name), { recursive: true });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

let survived = 0;
const wanted = process.argv[2] ?? "";
for (const [name, file, found, put, tests, only] of MUTANTS) {
  if (!name.includes(wanted)) continue;
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
process.exitCode = survived > 0 ? 1 : 0;
