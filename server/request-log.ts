import type { FinishReason, Usage } from "../adapters/unified.ts";

/** One wide event per request: an allow-list of fields, never a header or a key; bodies only where wanted. */
export interface RequestLogEntry {
  time: string;
  method: string;
  /** Without its query, which may hold a key. */
  path: string;
  status: number;
  ms: number;
  protocol?: string;
  group?: string;
  /** As asked for. */
  model?: string;
  /** The group's alias that it meant. */
  alias?: string;
  /** `provider/model` that answered. */
  target?: string;
  /** How it was served. */
  via?: "pass-through" | "converted" | "compat";
  stream?: boolean;
  attempts?: number;
  /** Milliseconds until the one that answered began to. */
  firstMs?: number;
  /** The group's rule that chose the alias. */
  rule?: string;
  /** Who could not be asked at first, and why. */
  skipped?: { target: string; key: string; reason: string; remainingMs: number | null }[];
  /** Who was asked before, and the kind of error that came. */
  failed?: { target: string; key: string; error: string }[];
  inputTokens?: number;
  outputTokens?: number;
  /** Part of the input that came from the provider's cache. */
  cachedTokens?: number;
  /** The provider did not say how many tokens: they were counted by us. */
  estimated?: true;
  finish?: string;
  /** Kinds of repairs made on emulated tool calls. */
  repairs?: string[];
  /** What the provider's protocol could not carry. */
  dropped?: string[];
  /** Kind and message of what went wrong. */
  error?: string;
  /** Id of the client key used. */
  key?: string;
  /** Only with `server.logBodies`, and cut. */
  requestBody?: string;
  responseBody?: string;
}

/** With all that a chat adds to it, so that it need not grow while it is under way: what stays undefined is not written. */
export const createEntry = (at: number, method: string, path: string): RequestLogEntry => ({
  time: new Date(at).toISOString(),
  method,
  path,
  status: 0,
  ms: 0,
  protocol: undefined,
  key: undefined,
  group: undefined,
  model: undefined,
  stream: undefined,
  alias: undefined,
  attempts: undefined,
  target: undefined,
  via: undefined,
  firstMs: undefined,
  finish: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
});

/** What the end of an answer says. */
export function noteFinish(entry: RequestLogEntry, reason: FinishReason, usage: Usage | undefined): void {
  entry.finish = reason;
  entry.inputTokens = usage?.inputTokens;
  entry.outputTokens = usage?.outputTokens;
}

export type RequestLog = (entry: RequestLogEntry) => void;

/** Writes entries as lines of JSON; control characters of outside text are escaped by JSON itself. */
export const createRequestLog =
  (write: (line: string) => void): RequestLog =>
  (entry) =>
    write(JSON.stringify(entry));
