// Whether memory stays flat: npm run build && npm run soak [-- --minutes 60] [--json FILE]
// Mixed load without end: every client's protocol over every provider's, whole and streamed, with compat mode, clients
// that leave in the middle, wrong keys, unknown models, the model list. Memory is judged on what is left of it after
// the warm-up: a line through the lowest point of each minute must not rise.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { check } from "./check.mjs";
import { openConnection, toBytes } from "./connection.mjs";
import { describeMachine } from "./machine.mjs";
import { readMemory } from "./process-meter.mjs";
import { startDaemon } from "./targets/daemon.mjs";
import { startProvider } from "./targets/provider.mjs";

const { values: flags } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, json: { type: "string" } },
});
const minutes = Number(flags.minutes);
if (!(minutes > 0)) throw new Error("--minutes: expected a number above 0");

const CLIENTS = ["openai", "openai-responses", "claude", "gemini", "ollama"];
const PROVIDERS = ["openai", "claude", "gemini", "ollama"];
const COUNT = 100;
const LINES = 24;
/** The part of the run that warms up: code is compiled, caches fill. */
const WARM_UP = 0.3;
/** What the lowest point may be lifted by from one half to the other, as a part of what is held. */
const LEAST_LIFT = 0.02;
/** What memory may rise by in an hour, by the line through its lowest points, in percent of what is held. */
const MOST_RISE = 10;

const counts = { answered: 0, left: 0, refused: 0, wrong: 0 };
const samples = [];
const provider = await startProvider();
const daemon = await startDaemon({ provider });
let isOver = false;
try {
  await provider.configure({ count: COUNT, mode: "burst", batch: 10, delayMs: 0, firstMs: 0 });
  const began = performance.now();
  const end = began + minutes * 60_000;
  const sampler = setInterval(() => {
    const memory = readMemory(daemon.pid);
    if (memory) samples.push({ minute: (performance.now() - began) / 60_000, ...memory });
  }, 500);
  await Promise.all(
    Array.from({ length: LINES }, (_, index) => keepAsking(index, () => isOver || performance.now() > end)),
  );
  clearInterval(sampler);
} finally {
  isOver = true;
  daemon.stop();
  provider.stop();
}
const verdict = judge(samples);
const result = {
  date: new Date().toISOString().slice(0, 10),
  machine: describeMachine(),
  minutes,
  counts,
  ...verdict,
};
process.stdout.write(toText(result));
if (flags.json !== undefined) {
  mkdirSync(dirname(flags.json), { recursive: true });
  writeFileSync(flags.json, `${JSON.stringify(result, undefined, 2)}\n`);
}
process.exit(verdict.flat && counts.wrong === 0 ? 0 : 1);

/** One client after the other on a line of its own, each different from the one before. */
async function keepAsking(line, isEnough) {
  for (let turn = line; !isEnough(); turn++) {
    const ask = {
      client: CLIENTS[turn % CLIENTS.length],
      provider: PROVIDERS[(turn >> 1) % PROVIDERS.length],
      kind: ["small", "tools", "agent"][turn % 3],
      stream: turn % 2 === 0,
      compat: turn % 7 === 0,
    };
    try {
      if (turn % 11 === 3) await leave(ask);
      else if (turn % 13 === 5) await beRefused(ask, turn);
      else {
        await check(daemon, ask, { count: COUNT });
        counts.answered++;
      }
    } catch (error) {
      if (counts.wrong++ < 3) process.stderr.write(`${JSON.stringify(ask)}: ${error.message}\n`);
    }
    // A pause now and then, so that the daemon has an idle moment as it has in use.
    await new Promise((resolve) => {
      setTimeout(resolve, turn % 5 === 0 ? 50 : 5);
    });
  }
}

/** A client that goes away when the answer has begun. */
async function leave(ask) {
  const connection = await openConnection(daemon.address);
  const answer = connection.request(toBytes(daemon.address, daemon.request({ ...ask, stream: true })), {
    onData: () => connection.close(),
  });
  await answer.catch(() => undefined);
  connection.close();
  counts.left++;
}

/** A model that is none, a body that is none, a route that is none: each time another name, which must not be kept. */
async function beRefused(ask, turn) {
  const request = daemon.request(ask);
  const bad = [
    { ...request, body: "{" },
    { ...request, path: `/nowhere-${turn}${request.path}` },
    { ...request, path: `${request.path.split("?")[0]}/none-${turn}` },
  ][turn % 3];
  const connection = await openConnection(daemon.address);
  const { status } = await connection.request(toBytes(daemon.address, bad));
  connection.close();
  if (status < 400) throw new Error(`what cannot be answered was answered with ${status}`);
  counts.refused++;
}

/** The lowest of each minute (of each twentieth, in short runs), and the line through those after the warm-up. */
function judge(all) {
  const width = Math.min(1, minutes / 20);
  const floors = [];
  for (const { minute, rss, anon } of all) {
    const at = Math.floor(minute / width);
    const floor = (floors[at] ??= { minute: (at + 0.5) * width, rss, anon });
    floor.rss = Math.min(floor.rss, rss);
    floor.anon = Math.min(floor.anon, anon);
  }
  const settled = floors.filter((floor) => floor && floor.minute > minutes * WARM_UP);
  const level = settled.reduce((sum, { rss }) => sum + rss, 0) / settled.length;
  const perHour = slope(settled) * 60;
  const first = settled.slice(0, Math.ceil(settled.length / 2)).map(({ rss }) => rss);
  const second = settled.slice(Math.ceil(settled.length / 2)).map(({ rss }) => rss);
  // A rise of the line alone may be one late collection; a leak lifts the lowest point of the second half, too.
  const lift = Math.min(...second) - Math.min(...first);
  const risePercent = (perHour / level) * 100;
  const flat = risePercent <= MOST_RISE || lift <= level * LEAST_LIFT;
  return {
    flat,
    levelMb: round(level),
    riseMbPerHour: round(perHour),
    liftMb: round(lift),
    peakMb: round(Math.max(...all.map(({ rss }) => rss))),
    floors: floors
      .filter(Boolean)
      .map((floor) => ({ minute: round(floor.minute), rss: round(floor.rss), anon: round(floor.anon) })),
  };
}

/** Of the line with the least squares, megabytes a minute. */
function slope(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(({ minute }) => minute));
  const y = mean(points.map(({ rss }) => rss));
  const over = points.reduce((sum, { minute, rss }) => sum + (minute - x) * (rss - y), 0);
  return over / points.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}

function toText({
  flat,
  levelMb,
  riseMbPerHour,
  liftMb,
  peakMb,
  counts: { answered, left, refused, wrong },
}) {
  return [
    `${minutes} minutes: ${answered} answered, ${left} left in the middle, ${refused} refused, ${wrong} wrong`,
    `memory: ${levelMb} MB at its lowest points, rising ${riseMbPerHour} MB an hour, lifted ${liftMb} MB between the halves, ${peakMb} MB at its peak`,
    flat ? "flat" : "NOT FLAT",
    "",
  ].join("\n");
}

function round(value) {
  return Math.round(value * 100) / 100;
}
