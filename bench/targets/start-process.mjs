import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { ask } from "../ask.mjs";
import { withPin } from "../machine.mjs";
import { listTree } from "../process-meter.mjs";

const running = new Set();
process.on("exit", () => {
  for (const stop of running) stop();
});

/**
 * Starts a server under test, on its processor, and waits until it answers. `log`: a file descriptor that takes what it
 * says. A server that sends its port by message need not be given one.
 */
export async function startProcess(command, { pin, env = {}, cwd, log = "ignore", port, health } = {}) {
  const [program, args] = withPin(pin, command);
  const stdio = ["ignore", log, log, ...(port === undefined ? ["ipc"] : [])];
  const child = spawn(program, args, { env: { ...process.env, NODE_ENV: "production", ...env }, cwd, stdio });
  let ended = false;
  const stop = () => {
    if (!running.delete(stop)) return;
    for (const pid of listTree(child.pid).toReversed()) kill(pid);
  };
  running.add(stop);
  child.once("error", () => (ended = true));
  child.once("exit", () => {
    ended = true;
    running.delete(stop);
  });
  try {
    const bound = port ?? (await readPort(child));
    const address = { host: "127.0.0.1", port: bound };
    if (health !== undefined) await waitUntilUp(address, health, () => ended);
    return { address, pid: child.pid, child, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

export function findFreePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function readPort(child) {
  return new Promise((resolve, reject) => {
    child.once("message", ({ port }) => resolve(port));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`it ended with code ${code} before it listened`)));
  });
}

async function waitUntilUp(address, path, hasEnded) {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (hasEnded()) throw new Error("it ended before it answered");
    const status = await ask(address, { method: "GET", path }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status >= 200 && status < 500) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  throw new Error(`it did not answer within ${PATIENCE_MS / 1000} s`);
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

const PATIENCE_MS = 20_000;
