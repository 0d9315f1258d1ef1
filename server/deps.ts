import type { Adapter } from "../adapters/adapter.ts";
import type { Health } from "../routing/health.ts";
import type { Latency } from "../routing/latency.ts";
import type { RetryBudget } from "../routing/retry-budget.ts";
import type { Router } from "../routing/router.ts";
import type { Config, Storage } from "../storage/types.ts";
import type { AnswerOwners } from "./answer-owners.ts";
import type { CallSignatures } from "./call-signatures.ts";
import type { Counters } from "./counters.ts";
import type { Allowances } from "./limits/allowances.ts";
import type { Knocks } from "./knocks.ts";
import type { LearnedLimits } from "./learned-limits.ts";
import type { LearnedNotations } from "./learned-notations.ts";
import type { ModelFeatures } from "./model-features.ts";
import type { RequestLog } from "./request-log.ts";
import type { StoredResponses } from "./stored-responses.ts";
import type { Upstream } from "./upstream.ts";
import type { Ledger } from "./usage/ledger.ts";
import type { RunningRequests } from "./running.ts";
import type { Timings } from "./usage/timings.ts";

/** Everything the handlers share. One object per running daemon. */
export interface Deps {
  version: string;
  /** The process that users know. */
  pid: number;
  storage: Storage;
  /** The configuration in force, with the built-in demo where nothing is configured. */
  config: () => Config;
  /** Routing for the configuration in force. */
  router: () => Router;
  adapters: readonly Adapter[];
  upstream: Upstream;
  health: Health;
  latency: Latency;
  retryBudget: RetryBudget;
  /** What keys may still use, by their limits. */
  allowances: Allowances;
  limits: LearnedLimits;
  notations: LearnedNotations;
  features: ModelFeatures;
  callSignatures: CallSignatures;
  stored: StoredResponses;
  answerOwners: AnswerOwners;
  log: RequestLog;
  /** Counts and writes what was logged up to now. */
  flushLog: () => void;
  counters: Counters;
  timings: Timings;
  ledger: Ledger;
  /** 24 random letters and digits. */
  newId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
  startedAt: number;
  /** Wrong keys, by where they came from. */
  knocks: Knocks;
  /** Requests whose client key goes are ended until then. */
  stopWatchingKeys: () => void;
  /** The daemon was told to let everybody in while there are no client keys. */
  openToAll: boolean;
  running: RunningRequests;
  /** false while draining. */
  accepting: () => boolean;
  /** Answers what is asked about the daemon as a whole, where other processes are a part of it. */
  askWhole?: (asked: OwnRequest) => Promise<OwnAnswer>;
  /** The processes that answer, where this one does not. */
  workers?: () => { pid: number; startedAt: number; requests: number }[];
}

export interface OwnRequest {
  method: string;
  /** With its query. */
  path: string;
  authorization: string | null;
  body?: string;
}

export interface OwnAnswer {
  status: number;
  type: string;
  text: string;
}
