// How fast the daemon is, in ratios measured within one run: npm run build && npm run bench
//   --quick         fewer and shorter rounds, no peers: under two minutes
//   --smoke         correct answers only, no times
//   --only A,B      these scenarios, or `start`
//   --growth        whether cost stays flat as things grow, and nothing else
//   --no-peers      without other gateways
//   --json [FILE]   the whole result as JSON, on stdout or into a file
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { measureGrowth } from "./growth.mjs";
import { describeMachine, findPins, pinSelf } from "./machine.mjs";
import { measure } from "./measure.mjs";
import { report, toGoals } from "./report.mjs";
import { scenarios } from "./scenarios.mjs";
import { smoke } from "./smoke.mjs";
import { measureStart } from "./start.mjs";
import { startDaemon } from "./targets/daemon.mjs";
import { startPeers } from "./targets/peers.mjs";
import { startPipe, toDirect } from "./targets/pipe.mjs";
import { startProvider } from "./targets/provider.mjs";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean" },
    smoke: { type: "boolean" },
    only: { type: "string" },
    growth: { type: "boolean" },
    "no-peers": { type: "boolean" },
    json: { type: "string" },
  },
});
const only = flags.only?.split(",");
const wants = (id) => (only ? only.includes(id) : !flags.growth);
const pace = flags.quick ? { rounds: 3, ms: 400, warmMs: 1500 } : { rounds: 5, ms: 500, warmMs: 4000 };
const notice = (line) => process.stderr.write(`${line}\n`);

const began = performance.now();
// Before this run is a load itself.
const { load: loadBefore } = describeMachine();
const pins = flags.smoke ? undefined : findPins();
if (!pins && !flags.smoke)
  notice("not pinned to processors (no taskset, or only one): the figures scatter more");
pinSelf(pins);
const provider = await startProvider(pins);
try {
  const pipe = await startPipe({ provider, pins });
  const daemon = await startDaemon({ provider, pins });
  if (flags.smoke) {
    const { checks, requests } = await smoke({ daemon, pipe, provider });
    process.stdout.write(`${checks} answers checked, ${requests} more under load: all correct\n`);
  } else {
    const peers = flags.quick || flags["no-peers"] ? [] : await startPeers({ provider, pins, notice });
    const targets = [toDirect(provider), pipe, daemon, ...peers];
    const results = [];
    for (const scenario of scenarios.filter(({ id }) => wants(id))) {
      notice(`${scenario.title} …`);
      results.push(await measure(scenario, targets, { provider, ...pace, notice }));
    }
    if (wants("start")) notice("start …");
    const start = wants("start") ? await measureStart({ pins, rounds: flags.quick ? 5 : 11 }) : undefined;
    // Takes as long as all the rest, so it is asked for.
    const growth = flags.growth ? await measureGrowth({ provider, pins, ...pace, notice }) : undefined;
    const run = {
      date: new Date().toISOString().slice(0, 10),
      form: flags.quick ? "quick" : "full",
      machine: { ...describeMachine(pins), load: loadBefore },
      peers: Object.fromEntries(peers.map(({ name, version }) => [name, version])),
      seconds: Math.round((performance.now() - began) / 1000),
      results,
      ...(start && { start }),
      ...(growth && { growth }),
    };
    print({ ...run, goals: toGoals(run) });
  }
} finally {
  provider.stop();
}
process.exit(0);

function print(run) {
  if (flags.json === "-") return void process.stdout.write(`${JSON.stringify(run, undefined, 2)}\n`);
  process.stdout.write(report(run));
  process.stdout.write(`\n${run.seconds} s, Node ${run.machine.node}\n`);
  if (flags.json === undefined) return undefined;
  mkdirSync(dirname(flags.json), { recursive: true });
  writeFileSync(flags.json, `${JSON.stringify(run, undefined, 2)}\n`);
  return undefined;
}
