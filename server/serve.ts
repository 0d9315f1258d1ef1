import { randomBytes } from "node:crypto";
import { adapters } from "../adapters/index.ts";
import { createHealth, type Health } from "../routing/health.ts";
import { createLatency } from "../routing/latency.ts";
import { createRetryBudget } from "../routing/retry-budget.ts";
import { createRouter, type Router } from "../routing/router.ts";
import type { Config, Storage } from "../storage/types.ts";
import { createAnswerOwners } from "./answer-owners.ts";
import { isLoopback } from "./auth.ts";
import { createCallSignatures } from "./call-signatures.ts";
import { cachesPrompts } from "./caches-prompts.ts";
import { isPartOf } from "./clear-rests.ts";
import { count, createCounters, withRecorders } from "./counters.ts";
import { withDemo } from "./demo-config.ts";
import type { Deps } from "./deps.ts";
import { isPublicBind } from "./guard.ts";
import { createKnocks } from "./knocks.ts";
import { keepState } from "./keep-state.ts";
import { createAllowances } from "./limits/allowances.ts";
import { toOwner } from "./limits/take-lease.ts";
import { createLearnedLimits } from "./learned-limits.ts";
import { listen, type Comforts, type ListenPatience } from "./listen.ts";
import { createListener } from "./listener.ts";
import { createModelFeatures } from "./model-features.ts";
import { createRequestLog } from "./request-log.ts";
import { drain } from "./drain.ts";
import { createStoredResponses, type StoredResponses } from "./stored-responses.ts";
import { createUpstream, type UpstreamOptions } from "./upstream.ts";
import { createLedger } from "./usage/ledger.ts";
import { createTimings } from "./usage/timings.ts";
import { loadTokenCounter } from "./usage/token-counter.ts";
import { VERSION } from "./version.ts";
import { createKeyWatch } from "./watch-keys.ts";

export interface ServeOptions {
  storage: Storage;
  host: string;
  port: number;
  /** Takes the lines of the request log. */
  onLog?: (line: string) => void;
  comforts?: Comforts;
  /** Listens to other machines although nobody asks them for a key. */
  dangerouslyOpen?: boolean;
  /** How names of providers become addresses; default: as the machine does it. */
  lookup?: UpstreamOptions["lookup"];
  patience?: Partial<ListenPatience>;
  /** How many wrong keys an address may try; default 20. */
  wrongKeysPerMinute?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:11434` */
  url: string;
  /**
   * Stops accepting, lets running answers finish for at most `graceMs`, then ends them with an error of their protocol.
   * Default: `server.drainMs` of the configuration.
   */
  close: (graceMs?: number) => Promise<void>;
}

/**
 * Starts the daemon on exactly the address given. Throws an error with code `EADDRINUSE` that says who holds the
 * port, or `CONFIG_REFUSED` when it would listen to other machines without asking anyone for a key.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { storage, host, port, dangerouslyOpen = false } = options;
  const needsKey = !dangerouslyOpen && Object.keys(storage.config.current.keys).length === 0;
  if (needsKey && isPublicBind(host)) throw publicWithoutKey(host);
  const upstream = createUpstream({ lookup: options.lookup });
  let accepting = true;
  const deps = createDeps(options, upstream, () => accepting);
  const kept = keepState(deps);
  const loading = kept.load();
  const server = await listen(createListener(deps), { host, port }, options.comforts, {
    maxConnections: storage.config.current.server.maxConnections,
    ...options.patience,
  });
  const address = server.address();
  // A name such as localhost may mean anything: what counts is where it led.
  if (needsKey && typeof address === "object" && address && !isLoopback(address.address)) {
    server.close();
    throw publicWithoutKey(address.address);
  }
  const bound = typeof address === "object" && address ? address.port : port;
  deps.limits.load().catch(() => undefined);
  loadTokenCounter().catch(() => undefined);
  await loading;
  // Made before the command line looks for it.
  await storage.adminToken();

  return {
    url: `${options.comforts?.https ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    async close(graceMs = storage.config.current.server.drainMs ?? DRAIN_MS) {
      accepting = false;
      await drain(server, deps.live, graceMs);
      deps.keyWatch.close();
      await deps.stored.settle();
      await kept.flush();
      await upstream.close();
    },
  };
}

const DRAIN_MS = 10_000;

function createDeps(options: ServeOptions, upstream: Deps["upstream"], accepting: () => boolean): Deps {
  const { storage } = options;
  const now = (): number => Date.now();
  const counters = createCounters();
  const steady = (): number => performance.now();
  const health = createHealth(steady);
  const latency = createLatency(steady);
  const allowances = createAllowances();
  const timings = createTimings();
  const ledger = createLedger(storage.records);
  let seen: Config | undefined;
  let config: Config;
  let router: Router;
  // The store replaces its configuration, never changes it: identity tells whether anything is to be made anew.
  const refresh = (): void => {
    if (seen === storage.config.current) return;
    // A provider that was set up otherwise, with another key for instance, has not failed yet.
    if (seen) forgetChanged(health, seen.providers, storage.config.current.providers);
    seen = storage.config.current;
    // Where it listens may have been said by a flag; that address is one it answers to.
    const whole = withDemo(seen);
    config = { ...whole, server: { ...whole.server, host: options.host } };
    router = createRouter(config, {
      health,
      latency,
      cachesPrompts,
      room: (keyName, limits, tokens) => allowances.blocked(toOwner(keyName), limits, tokens)?.ms ?? 0,
    });
  };
  return {
    version: VERSION,
    storage,
    config: () => {
      refresh();
      return config;
    },
    router: () => {
      refresh();
      return router;
    },
    adapters,
    upstream,
    health,
    latency,
    retryBudget: createRetryBudget(steady),
    allowances,
    limits: createLearnedLimits(storage.state),
    features: createModelFeatures({ adapters, upstream, storage, now }),
    callSignatures: createCallSignatures(),
    stored: keepResponses(storage, now),
    answerOwners: createAnswerOwners(),
    counters,
    timings,
    ledger,
    log: withRecorders(
      [(entry) => count(counters, entry), timings.record, ledger.record],
      createRequestLog(options.onLog ?? (() => undefined)),
    ),
    newId,
    now,
    knocks: createKnocks(steady, options.wrongKeysPerMinute),
    keyWatch: createKeyWatch(storage.config),
    openToAll: options.dangerouslyOpen === true,
    startedAt: now(),
    live: new Set(),
    accepting,
  };
}

function forgetChanged(health: Health, before: Config["providers"], after: Config["providers"]): void {
  for (const [id, provider] of Object.entries(before)) {
    if (JSON.stringify(provider) === JSON.stringify(after[id])) continue;
    for (const { name } of health.save()) {
      if (isPartOf(name, id)) health.clear(name);
    }
  }
}

/** Where answers are kept that clients may refer to later: as configured when the daemon starts. */
function keepResponses(storage: Storage, now: () => number): StoredResponses {
  const place = storage.config.current.server.keepResponses ?? "memory";
  if (place === "disk") return createStoredResponses(storage.state, now);
  return createStoredResponses(
    storage.memory,
    now,
    place === "off" ? { maxBytes: 0 } : { maxTotal: 32 * 1024 * 1024 },
  );
}

function publicWithoutKey(host: string): Error {
  const message =
    `refusing to listen on ${host}: other machines could use your provider keys, since no client key exists. ` +
    "Make one first with 'ccproxy key add <name>', or listen on 127.0.0.1 " +
    "(--dangerously-listen-without-key: listen all the same).";
  return Object.assign(new Error(message), { code: "CONFIG_REFUSED" });
}

/** 24 random letters and digits: no modulo bias worth speaking of, no dashes that an id could not hold. */
function newId(): string {
  // One call to the source of randomness for many ids: it costs more than all the rest.
  if (at + 24 > random.length) {
    random = randomBytes(24 * 128);
    at = 0;
  }
  let id = "";
  for (const end = at + 24; at < end; at++) id += ALPHABET[(random[at] as number) % ALPHABET.length];
  return id;
}

let random = Buffer.alloc(0);
let at = 0;

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
