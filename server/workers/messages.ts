import type { StoredAnswer } from "../../adapters/adapter.ts";
import type { Signature } from "../../adapters/unified.ts";
import type { HealthEdit } from "../../routing/health.ts";
import type { Limits } from "../../storage/types.ts";
import type { Principal } from "../auth.ts";
import type { OwnAnswer, OwnRequest } from "../deps.ts";
import type { Feature } from "../learned-limits.ts";
import type { Blocked } from "../limits/allowances.ts";
import type { RequestLogEntry } from "../request-log.ts";

/** What one process has seen, and all others are to know. */
export type Seen =
  | { what: "health"; edits: HealthEdit[] }
  | { what: "learned"; feature: Feature; providerId: string; model: string }
  | { what: "signatures"; calls: { id: string; signature: Signature }[] }
  | { what: "owner"; keyId: string; id: string };

/** Told without an answer. */
export interface Tells {
  /** Requests of a worker that are over. */
  entries: RequestLogEntry[];
  seen: Seen;
  /** A lease is over. */
  end: { lease: number; used: number | undefined };
  /** Some key has more room than before. */
  room: null;
  keep: { principal: Principal; group: string; stored: StoredAnswer };
}

/** Asked: the question, and its answer. */
export interface Asks {
  /** A worker's first word. */
  hello: [null, Hello];
  /** A worker listens. */
  listening: [{ url: string; port: number }, null];
  /** A worker cannot listen. */
  failed: [{ message: string; code: string | undefined }, null];
  /** For the right to serve a request. */
  take: [{ owner: string; limits: Limits; tokens: number }, { lease: number } | { blocked: Blocked }];
  find: [{ principal: Principal; id: string }, StoredAnswer | undefined];
  remove: [{ principal: Principal; id: string }, null];
  get: [string, unknown];
  keys: [string, string[]];
  /** About the daemon as a whole. */
  own: [OwnRequest, OwnAnswer];
  /** Everything that was told before has been taken in, there and here. */
  sync: [null, null];
  reload: [null, null];
  /** Let running answers finish for so many milliseconds, then end. */
  close: [number, null];
}

export interface Hello {
  port: number;
  /** How many processes answer. */
  workers: number;
  /** What the first process knows already. */
  seen: Seen[];
}
