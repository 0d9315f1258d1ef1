// Whether memory stays flat: npm run build && npm run soak [-- --minutes 60] [--json FILE]
// Mixed load without end: every client's protocol over every provider's, whole and streamed, with compat mode, clients
// that leave in the middle, requests that must be refused. Twice a minute the load pauses, the daemon collects its
// garbage, and what is left is measured: that must not grow once everything is warm.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { check } from "./check.mjs";
import { openConnection, toBytes } from "./connection.mjs";
import { median } from "./goals.mjs";
import { describeMachine } from "./machine.mjs";
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
/** What may be left more at the end than after the warm-up: megabytes, or a part of it. */
const MOST_RISE_MB = 2;
const MOST_RISE = 0.05;

const counts = { answered: 0, left: 0, refused: 0, wrong: 0 };
const samples = [];
const provider = await startProvider();
const heapFile = join(tmpdir(), `ccproxy-soak-${process.pid}.json`);
process.env["CCPROXY_SOAK_HEAP"] = heapFile;
const hook = fileURLToPath(new URL("servers/heap-hook.cjs", import.meta.url));
const daemon = await startDaemon({ provider, nodeArgs: ["--expose-gc", "--require", hook] });
let isOver = false;
let gate;
let running = 0;
try {
  await provider.configure({ count: COUNT, mode: "burst", batch: 10, delayMs: 0, firstMs: 0 });
  const began = performance.now();
  const end = began + minutes * 60_000;
  const isEnough = () => isOver || performance.now() > end;
  const lines = Array.from({ length: LINES }, (_, index) => keepAsking(index, isEnough));
  while (!isEnough()) {
    await pause(Math.min(30_000, (minutes * 60_000) / 20));
    samples.push({ minute: (performance.now() - began) / 60_000, ...(await measureIdle()) });
  }
  await Promise.all(lines);
} finally {
  isOver = true;
  rmSync(heapFile, { force: true });
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
    await gate;
    running++;
    try {
      if (turn % 11 === 3) await leave(ask);
      else if (turn % 13 === 5) await beRefused(ask, turn);
      else {
        await check(daemon, ask, { count: COUNT });
        counts.answered++;
      }
    } catch (error) {
      if (counts.wrong++ < 3) process.stderr.write(`${JSON.stringify(ask)}: ${error.message}\n`);
    } finally {
      running--;
    }
    // A pause now and then, so that the daemon has an idle moment as it has in use.
    await pause(turn % 5 === 0 ? 50 : 5);
  }
}

/** Holds the load, and asks the daemon what is left when nothing runs. Megabytes. */
async function measureIdle() {
  let open;
  gate = new Promise((resolve) => {
    open = resolve;
  });
  try {
    while (running > 0) await pause(10);
    // Connections close, and what is written with a delay is written.
    await pause(1000);
    rmSync(heapFile, { force: true });
    process.kill(daemon.pid, "SIGUSR2");
    for (;;) {
      await pause(20);
      const found = readHeap();
      if (found) return { rss: found.rss / 2 ** 20, heap: found.heap / 2 ** 20 };
    }
  } finally {
    open();
    gate = undefined;
  }
}

function readHeap() {
  try {
    return JSON.parse(readFileSync(heapFile, "utf8"));
  } catch {
    // Not written yet, or not to its end.
    return undefined;
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

/** What is left in the last third of what comes after the warm-up, against the first third. */
function judge(all) {
  const settled = all.filter(({ minute }) => minute > minutes * WARM_UP);
  const third = Math.ceil(settled.length / 3);
  const middle = (part) => median(part.map(({ heap }) => heap).sort((a, b) => a - b));
  const [from, to] = [middle(settled.slice(0, third)), middle(settled.slice(-third))];
  return {
    flat: to - from <= Math.max(MOST_RISE_MB, from * MOST_RISE),
    fromMb: round(from),
    toMb: round(to),
    peakMb: round(Math.max(...all.map(({ rss }) => rss))),
    samples: all.map(({ minute, rss, heap }) => ({
      minute: round(minute),
      rss: round(rss),
      heap: round(heap),
    })),
  };
}

function toText({ flat, fromMb, toMb, peakMb, counts: { answered, left, refused, wrong } }) {
  return [
    `${minutes} minutes: ${answered} answered, ${left} left in the middle, ${refused} refused, ${wrong} wrong`,
    `left when idle, after a collection: ${fromMb} MB after the warm-up, ${toMb} MB at the end; resident at most ${peakMb} MB then`,
    flat ? "flat" : "NOT FLAT",
    "",
  ].join("\n");
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function round(value) {
  return Math.round(value * 100) / 100;
}
