import type { HealthEdit } from "../../routing/health.ts";
import { createDeps } from "../create-deps.ts";
import type { Deps, OwnAnswer, OwnRequest } from "../deps.ts";
import { keepState } from "../keep-state.ts";
import { createAllowances } from "../limits/allowances.ts";
import { createRunningRequests } from "../running.ts";
import type { RunningServer, ServeOptions } from "../serve-options.ts";
import type { Seen } from "./messages.ts";
import { createPool, type Worker } from "./pool.ts";
import { shareSight } from "./seen.ts";
import { onRoom, serveAllowances, type ServedAllowances } from "./serve-allowances.ts";

/**
 * The daemon in several processes. They answer requests; this first one answers none, and holds what is one for all of
 * them: it counts limits, adds up usage, keeps answers, writes every file and the log, and hands on what one has seen.
 */
export async function startWorkers(options: ServeOptions): Promise<RunningServer> {
  const { storage, workers: count = 1, port, onTalk: say = () => undefined } = options;
  const allowances = createAllowances();
  let bound = port;
  // Processes share a port by the number they ask for: 0 is another one than what it turned out to be.
  let asked = port;
  const all = new Set<Worker>();
  const served = new Map<Worker, ServedAllowances>();
  const listening = new Set<Worker>();
  const tellAll = (seen: Seen, but?: Worker): void => {
    for (const worker of all) if (worker !== but) worker.channel.tell("seen", seen);
  };
  const parts: Partial<Deps> = {
    allowances,
    workers: () => [...all].map(({ pid, startedAt, requests }) => ({ pid, startedAt, requests })),
  };
  const deps = createDeps({
    ...options,
    parts,
    running: createRunningRequests(),
    accepting: () => true,
    startedAt: Date.now(),
  });
  const sight = shareSight(deps, (seen) => tellAll(seen));
  const kept = keepState(deps);
  await Promise.all([kept.load(), deps.limits.load()]);
  // Made before the processes look for it.
  await storage.adminToken();
  // What changes there is told to everybody's health.
  deps.config();
  const stopWatching = storage.config.onChange(() => void deps.config());
  const stopRoom = onRoom(allowances, () => {
    for (const { tellRoom } of served.values()) tellRoom();
  });
  const answerOwn = lazyOwnAnswers(deps);
  const everybody = (topic: "sync" | "reload"): Promise<unknown> =>
    Promise.all([...all].map(({ channel }) => channel.ask(topic, null).catch(() => null)));

  const onStart = (worker: Worker): (() => void) => {
    const { channel } = worker;
    const trying = new Set<string>();
    all.add(worker);
    served.set(worker, serveAllowances(allowances, channel));
    channel.onAsk("hello", () => {
      // Nobody holds it any more: the same one again.
      if (listening.size === 0) asked = bound;
      return { port: asked, workers: count, seen: [toSeen(deps)] };
    });
    channel.onTell("entries", (entries) => {
      worker.requests += entries.length;
      for (const entry of entries) deps.log(entry);
    });
    channel.onTell("seen", (seen) => {
      if (seen.what === "health") noteTrials(trying, seen.edits);
      sight.adopt(seen);
      tellAll(seen, worker);
    });
    channel.onTell("keep", ({ principal, group, stored }) => deps.stored.keep(principal, group, stored));
    channel.onAsk("find", async ({ principal, id }) => {
      const found = await deps.stored.find(principal, id);
      if (found) return found;
      // It may be on its way from the process that answered.
      await everybody("sync");
      return deps.stored.find(principal, id);
    });
    channel.onAsk("remove", async ({ principal, id }) => {
      await deps.stored.remove(principal, id);
      return null;
    });
    channel.onAsk("get", (key) => storage.state.get(key));
    channel.onAsk("keys", (prefix) => storage.state.keys(prefix));
    channel.onAsk("sync", () => null);
    channel.onAsk("own", async (question) => {
      await everybody("sync");
      const answer = await answerOwn(question);
      // Whoever is asked next knows of it.
      if (question.method !== "GET")
        await everybody(question.path.startsWith("/admin/reload") ? "reload" : "sync");
      return answer;
    });
    return () => {
      all.delete(worker);
      listening.delete(worker);
      served.get(worker)?.end();
      served.delete(worker);
      // Nobody will say how its trials went.
      const edits = toEdits(deps).filter(({ name }) => trying.has(name));
      deps.health.adopt(edits);
      tellAll({ what: "health", edits });
    };
  };
  const pool = await createPool({
    count,
    say,
    onStart,
    onListening(worker, { port }) {
      bound = port;
      listening.add(worker);
    },
  }).catch(async (error: Error) => {
    await end();
    throw error;
  });

  async function end(): Promise<void> {
    stopWatching();
    stopRoom();
    deps.stopWatchingKeys();
    await deps.stored.settle();
    deps.flushLog();
    await kept.flush();
    await deps.upstream.close();
  }
  return {
    url: pool.url,
    async close(graceMs = storage.config.current.server.drainMs ?? DRAIN_MS) {
      await pool.close(graceMs);
      await end();
    },
  };
}

function lazyOwnAnswers(deps: Deps): (asked: OwnRequest) => Promise<OwnAnswer> {
  let loading: Promise<(asked: OwnRequest) => Promise<OwnAnswer>> | undefined;
  return async (asked) => {
    loading ??= import("./answer-own.ts").then(({ createOwnAnswers }) => createOwnAnswers(deps));
    return (await loading)(asked);
  };
}

const toSeen = (deps: Deps): Seen => ({ what: "health", edits: toEdits(deps) });

/** How everybody fares, with nobody trying. */
const toEdits = ({ health }: Deps): HealthEdit[] =>
  health.save().map(({ name, reason, failures, remainingMs }) => ({
    name,
    ill: { reason, failures, tried: false, ...(remainingMs > 0 && { remainingMs }) },
  }));

function noteTrials(trying: Set<string>, edits: readonly HealthEdit[]): void {
  for (const { name, ill } of edits) {
    if (ill?.tried) trying.add(name);
    else trying.delete(name);
  }
}

const DRAIN_MS = 10_000;
