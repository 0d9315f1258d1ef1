import cluster, { type Worker as Child } from "node:cluster";
import { createChannel, type Channel } from "./channel.ts";

/** A process that answers requests. */
export interface Worker {
  pid: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Those that are over. */
  requests: number;
  channel: Channel;
}

export interface Pool {
  workers: () => Worker[];
  /** Lets all end, each in its own time, for `graceMs` and a little more. */
  close: (graceMs: number) => Promise<void>;
}

export interface PoolOptions {
  count: number;
  /** A process is there and says nothing yet. Returns what is to be done when it is gone. */
  onStart: (worker: Worker) => () => void;
  onListening: (worker: Worker, place: { port: number }) => void;
  say: (line: string) => void;
}

/**
 * Starts the processes: one, and when that listens the others, so that a port that cannot be had is said once. One that
 * ends without being told is replaced: at once, and later and later when it goes on.
 */
export async function createPool({
  count,
  onStart,
  onListening,
  say,
}: PoolOptions): Promise<Pool & { url: string }> {
  const places = new Map<number, { worker: Worker; child: Child }>();
  const timers = new Set<NodeJS.Timeout>();
  let closing = false;
  cluster.setupPrimary({ serialization: "advanced" });
  cluster.schedulingPolicy = cluster.SCHED_RR;

  /** Resolves with what the process says when it listens; undefined when it ends before. */
  const start = (place: number, deaths: number): Promise<{ url: string } | undefined> => {
    const child = cluster.fork({ CCPROXY_WORKER: "1" });
    const channel = createChannel({
      send: (message) => {
        if (child.isConnected()) child.send(message as object, () => undefined);
      },
      onMessage: (take) => void child.on("message", take),
    });
    const worker = { pid: child.process.pid ?? 0, startedAt: Date.now(), requests: 0, channel };
    const began = performance.now();
    places.set(place, { worker, child });
    const onGone = onStart(worker);
    return new Promise((resolve, reject) => {
      channel.onAsk("listening", ({ url, port }) => {
        onListening(worker, { port });
        resolve({ url });
        return null;
      });
      channel.onAsk("failed", ({ message, code }) => {
        reject(Object.assign(new Error(message), { code }));
        return null;
      });
      child.once("exit", (code, signal) => {
        places.delete(place);
        channel.close();
        onGone();
        resolve(undefined);
        if (closing) return;
        const again = performance.now() - began > STEADY_MS ? 1 : deaths + 1;
        const delay = toDelay(again);
        const when = delay === 0 ? "" : ` in ${delay / 1000} s`;
        say(`process ${worker.pid} ended (${signal ?? `exit code ${code}`}); another one starts${when}`);
        const timer = setTimeout(() => {
          timers.delete(timer);
          start(place, again).catch((error: Error) => say(error.message));
        }, delay);
        timers.add(timer);
      });
    });
  };
  const close = async (graceMs: number): Promise<void> => {
    closing = true;
    for (const timer of timers) clearTimeout(timer);
    await Promise.all([...places.values()].map(({ worker, child }) => end(worker, child, graceMs)));
  };

  const first = await start(0, 0).catch(async (error: Error) => {
    await close(0);
    throw error;
  });
  if (!first) {
    closing = true;
    for (const timer of timers) clearTimeout(timer);
    throw new Error(
      "the first process that was to answer requests ended at once: the lines above may say why",
    );
  }
  const others = Array.from({ length: count - 1 }, (_, index) => start(index + 1, 0));
  // One that cannot start ends, and is replaced as if it had died.
  await Promise.all(others.map((other) => other.catch((error: Error) => say(error.message))));
  return { url: first.url, workers: () => [...places.values()].map(({ worker }) => worker), close };
}

async function end({ channel }: Worker, child: Child, graceMs: number): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  // One that has just started does not know the question yet.
  const cut = setTimeout(() => child.process.kill("SIGKILL"), graceMs + CUT_MS);
  channel.ask("close", graceMs).catch(() => undefined);
  await gone;
  clearTimeout(cut);
}

/** Milliseconds before a process that died so often in a row is replaced. */
export const toDelay = (deaths: number): number =>
  deaths < 2 ? 0 : Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(deaths - 2, 20));

/** Who lived so long did not die of its start. */
const STEADY_MS = 10_000;
const FIRST_DELAY_MS = 250;
const MOST_DELAY_MS = 30_000;
/** More than a process takes to cut its connections. */
const CUT_MS = 3000;
