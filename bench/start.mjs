import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { median, rate } from "./goals.mjs";
import { withPin } from "./machine.mjs";
import { readCpuUs, readMemory } from "./process-meter.mjs";
import { addKey, CLI, createConfig, makeHome } from "./targets/daemon.mjs";
import { findFreePort } from "./targets/start-process.mjs";

/**
 * From spawn to the first answered request, and what is held after it, against a bare `node:http` server; and whole
 * runs of small commands against `node -e 0`. All of them in turn.
 */
export async function measureStart({ pins, rounds }) {
  const home = makeHome(createConfig("http://127.0.0.1:9"));
  try {
    addKey(home);
    const env = { CCPROXY_HOME: home };
    const bare = fileURLToPath(new URL("servers/bare.mjs", import.meta.url));
    const servers = {
      bare: (port) => ({ args: [bare, String(port)] }),
      ccproxy: (port) => ({ args: [CLI, "serve", "--port", String(port)], env }),
    };
    const commands = {
      "node -e 0": { args: ["-e", "0"] },
      version: { args: [CLI, "version"], env },
      "--help": { args: [CLI, "--help"], env },
    };
    const found = new Map([...Object.keys(servers), ...Object.keys(commands)].map((name) => [name, []]));
    // The first of each finds cold caches, and makes what is made once.
    for (let round = -1; round < rounds; round++) {
      for (const [name, prepare] of Object.entries(servers)) {
        const port = await findFreePort();
        const run = await startOnce({ ...prepare(port), port, pin: pins?.server });
        if (round >= 0) found.get(name).push(run);
      }
      for (const [name, command] of Object.entries(commands)) {
        const run = await runOnce({ ...command, pin: pins?.server });
        if (round >= 0) found.get(name).push(run);
      }
    }
    const rows = [...found].map(([name, runs]) => ({ name, ...toMedians(runs) }));
    return { rows, goals: toGoals(found) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function toGoals(found) {
  const pairs = (name, base, toFigure) => {
    const others = found.get(base);
    return found.get(name).map((run, index) => toFigure(run, others[index]));
  };
  const ratio = (run, other) => run.ms / other.ms;
  return [
    goal(
      "Start to the first answer",
      "ms",
      pairs("ccproxy", "bare", (run) => run.ms),
      100,
    ),
    goal("Start over a bare node:http server", "×", pairs("ccproxy", "bare", ratio), 1.4),
    goal(
      "Idle memory over a bare server",
      "MB",
      pairs("ccproxy", "bare", (run, other) => run.rss - other.rss),
      15,
      9,
    ),
    goal(
      "Idle private memory",
      "MB",
      pairs("ccproxy", "bare", (run) => run.anon),
      20,
      13,
    ),
    goal("ccproxy version over node -e 0", "×", pairs("version", "node -e 0", ratio), 1.5),
    goal("ccproxy --help over node -e 0", "×", pairs("--help", "node -e 0", ratio), 2),
  ];
}

function goal(title, unit, figures, must, stretch) {
  const sorted = figures.filter(Number.isFinite).sort((a, b) => a - b);
  const bounds = { title, unit, must, stretch, better: "less" };
  if (sorted.length === 0) return bounds;
  const value = median(sorted);
  return { ...bounds, value, min: sorted[0], max: sorted.at(-1), ...rate(bounds, value) };
}

function toMedians(runs) {
  const names = Object.keys(runs[0]);
  return Object.fromEntries(
    names.map((name) => [name, median(runs.map((run) => run[name]).sort((a, b) => a - b))]),
  );
}

async function startOnce({ args, env, port, pin }) {
  const [program, all] = withPin(pin, [process.execPath, ...args]);
  const began = performance.now();
  const child = spawn(program, all, { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error("a server ended before it answered");
      await pause(1);
    }
    const ms = performance.now() - began;
    const cpuMs = (readCpuUs(child.pid) ?? Number.NaN) / 1000;
    await pause(300);
    return { ms, cpuMs, rss: Number.NaN, anon: Number.NaN, ...readMemory(child.pid) };
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

function runOnce({ args, env, pin }) {
  const [program, all] = withPin(pin, [process.execPath, ...args]);
  const began = performance.now();
  const child = spawn(program, all, { stdio: "ignore", env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve({ ms: performance.now() - began });
      else reject(new Error(`${args.join(" ")} ended with code ${code}`));
    });
  });
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.write(`GET /health HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").startsWith("HTTP/1.1 200"));
    });
  });
}

const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
