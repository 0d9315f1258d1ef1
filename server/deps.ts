import type { Adapter } from "../adapters/adapter.ts";
import type { Cooldowns } from "../routing/cooldown.ts";
import type { Router } from "../routing/router.ts";
import type { Config, Storage } from "../storage/types.ts";
import type { CallSignatures } from "./call-signatures.ts";
import type { Counters } from "./counters.ts";
import type { LearnedLimits } from "./learned-limits.ts";
import type { ModelFeatures } from "./model-features.ts";
import type { RequestLog } from "./request-log.ts";
import type { StoredResponses } from "./stored-responses.ts";
import type { Upstream } from "./upstream.ts";

/** Everything the handlers share. One object per running daemon. */
export interface Deps {
  version: string;
  storage: Storage;
  /** The configuration in force, with the built-in demo where nothing is configured. */
  config: () => Config;
  /** Routing for the configuration in force. */
  router: () => Router;
  adapters: readonly Adapter[];
  upstream: Upstream;
  cooldowns: Cooldowns;
  limits: LearnedLimits;
  features: ModelFeatures;
  callSignatures: CallSignatures;
  stored: StoredResponses;
  log: RequestLog;
  counters: Counters;
  /** 24 random letters and digits. */
  newId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
  startedAt: number;
  /** false while draining. */
  accepting: () => boolean;
}
