import { adapters } from "../adapters/index.ts";
import { createHealth, type Health } from "../routing/health.ts";
import { createLatency } from "../routing/latency.ts";
import { createRetryBudget } from "../routing/retry-budget.ts";
import { createRouter, type Router } from "../routing/router.ts";
import type { Config, Storage } from "../storage/types.ts";
import { createAnswerOwners } from "./answer-owners.ts";
import { cachesPrompts } from "./caches-prompts.ts";
import { createCallSignatures } from "./call-signatures.ts";
import { isPartOf } from "./clear-rests.ts";
import { count, createCounters, withRecorders } from "./counters.ts";
import { withDemo } from "./demo/config.ts";
import type { Deps } from "./deps.ts";
import { createEntryBatch } from "./entry-batch.ts";
import { createKnocks } from "./knocks.ts";
import { createLearnedLimits } from "./learned-limits.ts";
import { createLearnedNotations } from "./learned-notations.ts";
import { createAllowances } from "./limits/allowances.ts";
import { toOwner } from "./limits/take-lease.ts";
import { createModelFeatures } from "./model-features.ts";
import { newId } from "./new-id.ts";
import { createRequestLog } from "./request-log.ts";
import type { RunningRequests } from "./running.ts";
import { createStoredResponses, type StoredResponses } from "./stored-responses.ts";
import { createUpstream, type UpstreamOptions } from "./upstream.ts";
import { createLedger } from "./usage/ledger.ts";
import { createTimings } from "./usage/timings.ts";
import { VERSION } from "./version.ts";
import { watchKeys } from "./watch-keys.ts";

export interface DepsOptions {
  storage: Storage;
  host: string;
  /** Takes the lines of the request log. */
  onLog?: (line: string) => void;
  /** How long entries of the log wait for others, to be counted and written together; default: not at all. */
  logDelayMs?: number;
  /** The daemon was told to let everybody in while there are no client keys. */
  dangerouslyOpen?: boolean;
  /** How names of providers become addresses; default: as the machine does it. */
  lookup?: UpstreamOptions["lookup"];
  /** How many wrong keys an address may try a minute; default 20. */
  wrongKeysPerMinute?: number;
  /** What is not this process's own, because several share it. */
  parts?: Partial<Deps>;
  /** Of how many processes this is one, default 1: what the whole daemon may do at once is divided. */
  oneOf?: number;
  running: RunningRequests;
  /** false while draining. */
  accepting: () => boolean;
  /** Milliseconds since 1970. */
  startedAt: number;
}

/** Everything but the door. */
export function createDeps(options: DepsOptions): Deps {
  const { storage, running, accepting, startedAt, parts = {}, oneOf = 1 } = options;
  const upstream = createUpstream({ lookup: options.lookup });
  const now = (): number => Date.now();
  const counters = createCounters();
  const steady = (): number => performance.now();
  const health = parts.health ?? createHealth(steady);
  const latency = createLatency(steady);
  const allowances = parts.allowances ?? createAllowances();
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
    const { maxConcurrent = MAX_CONCURRENT } = whole.server;
    config = {
      ...whole,
      server: { ...whole.server, host: options.host, maxConcurrent: Math.ceil(maxConcurrent / oneOf) },
    };
    router = createRouter(config, {
      health,
      latency,
      cachesPrompts,
      room: (keyName, limits, tokens) => allowances.blocked(toOwner(keyName), limits, tokens)?.ms ?? 0,
    });
  };
  const record = withRecorders(
    [(entry) => count(counters, entry), timings.record, ledger.record],
    createRequestLog(options.onLog ?? (() => undefined)),
  );
  const { logDelayMs = 0 } = options;
  const logged = createEntryBatch((entries) => entries.forEach(record), { delayMs: logDelayMs });
  return {
    version: VERSION,
    pid: process.pid,
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
    notations: createLearnedNotations(storage.state),
    features: createModelFeatures({ adapters, upstream, storage, now }),
    callSignatures: createCallSignatures(),
    stored: keepResponses(storage, now),
    answerOwners: createAnswerOwners(),
    counters,
    timings,
    ledger,
    log: logged.add,
    flushLog: logged.flush,
    newId,
    now,
    knocks: createKnocks(steady, Math.ceil((options.wrongKeysPerMinute ?? WRONG_KEYS) / oneOf)),
    stopWatchingKeys: watchKeys(storage.config, running),
    openToAll: options.dangerouslyOpen === true,
    startedAt,
    running,
    accepting,
    ...parts,
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

const MAX_CONCURRENT = 2000;
const WRONG_KEYS = 20;
