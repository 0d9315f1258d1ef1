import type { Headers } from "../adapter.ts";
import { GatewayError, toErrorKind, type ErrorKind } from "../errors.ts";
import { readProviderError, type ProviderError } from "../provider-error.ts";
import { isObject } from "../validate.ts";

export function parseError(status: number, body: string, headers: Headers): GatewayError {
  const error = readProviderError(status, body, headers);
  return toError(error, status);
}

/** `{error}` inside a stream that began with status 200: its code is the status that there is none of otherwise. */
export function toStreamError(error: unknown): GatewayError {
  const code = isObject(error) && typeof error.code === "number" && error.code >= 400 ? error.code : 502;
  const read = readProviderError(code, JSON.stringify({ error }), {});
  const isSilent = read.message.endsWith(`HTTP status ${code}`);
  return toError(isSilent ? { ...read, message: "the provider broke the answer off" } : read, code);
}

function toError(error: ProviderError, status: number): GatewayError {
  const { kind, code } = judge(error, status);
  return new GatewayError(kind, error.message, {
    upstreamStatus: status,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    ...(error.param !== undefined && { param: error.param }),
    ...(code !== undefined && { code }),
  });
}

function judge({ message, type, code }: ProviderError, status: number): { kind: ErrorKind; code?: string } {
  const named = (type === undefined ? undefined : KINDS.get(type)) ?? toErrorKind(status);
  // A status that says more than a word for "wrong" or "failed": proxies in front of Google set only that.
  const kind = named === "upstream" || named === "invalid-request" ? later(named, status) : named;
  // Google answers a wrong key with 400, and so it does where the key's owner may not use the API.
  if (kind === "invalid-request" && OUR_KEY.test(message)) return { kind: "upstream-auth", code };
  if (kind === "invalid-request" || kind === "too-large") {
    if (TOO_LONG.test(message)) return { kind: "invalid-request", code: "context_length_exceeded" };
  }
  if (kind === "rate-limit" && [type, code].includes("insufficient_quota")) {
    return { kind, code: "insufficient_quota" };
  }
  return { kind, code };
}

function later(named: ErrorKind, status: number): ErrorKind {
  const byStatus = toErrorKind(status);
  return byStatus === "upstream" || byStatus === "invalid-request" ? named : byStatus;
}

const KINDS = new Map<string, ErrorKind>([
  ["INVALID_ARGUMENT", "invalid-request"],
  ["FAILED_PRECONDITION", "invalid-request"],
  ["OUT_OF_RANGE", "invalid-request"],
  ["UNAUTHENTICATED", "upstream-auth"],
  ["PERMISSION_DENIED", "upstream-auth"],
  ["NOT_FOUND", "not-found"],
  ["RESOURCE_EXHAUSTED", "rate-limit"],
  ["UNAVAILABLE", "overloaded"],
  ["DEADLINE_EXCEEDED", "timeout"],
  ["INTERNAL", "upstream"],
  ["UNKNOWN", "upstream"],
  ["CANCELLED", "upstream"],
  ["ABORTED", "upstream"],
  ["UNIMPLEMENTED", "invalid-request"],
]);
const OUR_KEY =
  /API[ _]key not valid|API_KEY_INVALID|API key expired|User location is not supported|billing/i;
const TOO_LONG =
  /token count .{0,40}exceeds|exceeds the maximum number of tokens|input is too long|context (?:length|window|limit)/i;
