import { randomBytes } from "node:crypto";
import { adapters } from "../adapters/index.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { createHealth, type Health } from "../routing/health.ts";
import { createLatency } from "../routing/latency.ts";
import { createRetryBudget } from "../routing/retry-budget.ts";
import { createRouter, type Router } from "../routing/router.ts";
import type { Config, Storage } from "../storage/types.ts";
import { createAnswerOwners } from "./answer-owners.ts";
import { createCallSignatures } from "./call-signatures.ts";
import { cachesPrompts } from "./caches-prompts.ts";
import { isPartOf } from "./clear-rests.ts";
import { count, createCounters, withRecorders } from "./counters.ts";
import { withDemo } from "./demo-config.ts";
import type { Deps } from "./deps.ts";
import { createKnocks } from "./knocks.ts";
import { keepState } from "./keep-state.ts";
import { createAllowances } from "./limits/allowances.ts";
import { toOwner } from "./limits/take-lease.ts";
import { createLearnedLimits } from "./learned-limits.ts";
import { createListener, type Listener } from "./listener.ts";
import { createModelFeatures } from "./model-features.ts";
import { createRequestLog } from "./request-log.ts";
import type { ServeOptions } from "./serve.ts";
import { createStoredResponses, type StoredResponses } from "./stored-responses.ts";
import { createUpstream } from "./upstream.ts";
import { createLedger } from "./usage/ledger.ts";
import { createTimings } from "./usage/timings.ts";
import { VERSION } from "./version.ts";
import { createKeyWatch } from "./watch-keys.ts";

export interface CoreOptions extends ServeOptions {
  /** Running requests, to be ended with an error each. */
  live: Set<(error: GatewayError) => void>;
  /** false while draining. */
  accepting: () => boolean;
  /** Milliseconds since 1970. */
  startedAt: number;
}

export interface Core {
  listener: Listener;
  /** Writes what a restart must not forget, and ends every connection to a provider. */
  close: () => Promise<void>;
}

/** Everything that answers requests, with what the daemon before this one knew. Loaded when the first one comes. */
export async function createCore(options: CoreOptions): Promise<Core> {
  const deps = createDeps(options);
  const kept = keepState(deps);
  await kept.load();
  deps.limits.load().catch(() => undefined);
  return {
    listener: createListener(deps),
    async close() {
      deps.keyWatch.close();
      await deps.stored.settle();
      await kept.flush();
      await deps.upstream.close();
    },
  };
}

function createDeps(options: CoreOptions): Deps {
  const { storage, live, accepting, startedAt } = options;
  const upstream = createUpstream({ lookup: options.lookup });
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
    startedAt,
    live,
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
