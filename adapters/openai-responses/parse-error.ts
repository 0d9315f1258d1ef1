import type { Headers } from "../adapter.ts";
import { GatewayError, toErrorKind, type ErrorKind } from "../errors.ts";
import { hideKeys, readProviderError } from "../provider-error.ts";
import { isObject, type Json } from "../validate.ts";

/** A provider's error answer. */
export function parseError(status: number, body: string, headers: Headers): GatewayError {
  const { message, type, code, param, retryAfterMs } = readProviderError(status, body, headers);
  const known = refine(code ?? type, message);
  // A refused key stays one, and a limit stays one, whatever the words say.
  const byStatus = toErrorKind(status);
  const kind =
    byStatus === "invalid-request" || byStatus === "upstream" ? (known.kind ?? byStatus) : byStatus;
  return new GatewayError(kind, message, {
    upstreamStatus: status,
    code: known.code ?? code,
    param,
    retryAfterMs,
  });
}

/** An error inside a stream or in the body of a failed response: `{code, message}`, perhaps under `error`. */
export function parseStreamError(value: unknown): GatewayError {
  const outer: Json = isObject(value) ? value : {};
  const error = isObject(outer.error) ? outer.error : outer;
  const message =
    [error.message, outer.message, outer.error].find(isText) ?? "the provider reported a failure";
  const word = [error.code, error.type === "error" ? undefined : error.type].find(isText);
  const { kind = "upstream", code } = refine(word, message);
  return new GatewayError(kind, hideKeys(message), {
    code: code ?? word,
    param: isText(error.param) ? error.param : undefined,
    retryAfterMs: kind === "rate-limit" ? readDelay(message) : undefined,
  });
}

/** Inside a stream OpenAI tells the time to wait in words alone: "Please try again in 1.5s", "in 20ms". */
function readDelay(message: string): number | undefined {
  const [, count, unit] = /try again in (\d{1,9}(?:\.\d{1,9})?) ?(ms|s)\b/i.exec(message) ?? [];
  return count === undefined
    ? undefined
    : Math.ceil(Number(count) * (unit?.toLowerCase() === "ms" ? 1 : 1000));
}

/** The kind of an error by the provider's own word for it. */
function refine(word: string | undefined, message: string): { kind?: ErrorKind; code?: string } {
  if (word === "context_length_exceeded" || OVERFLOW.test(message)) {
    return { kind: "invalid-request", code: "context_length_exceeded" };
  }
  if (word === undefined) return {};
  if (/image|^invalid_(prompt|request)/.test(word)) return { kind: "invalid-request" };
  return { kind: KINDS.get(word) };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const OVERFLOW = /context (length|window)|maximum context|too many tokens in the prompt/i;

const KINDS: ReadonlyMap<string, ErrorKind> = new Map([
  ["rate_limit_exceeded", "rate-limit"],
  ["rate_limit_error", "rate-limit"],
  ["insufficient_quota", "rate-limit"],
  ["server_is_overloaded", "overloaded"],
  ["slow_down", "overloaded"],
  ["overloaded_error", "overloaded"],
  ["model_not_found", "not-found"],
  ["invalid_api_key", "upstream-auth"],
  ["authentication_error", "upstream-auth"],
  ["quota_exceeded", "rate-limit"],
  ["usage_limit_reached", "rate-limit"],
  ["usage_not_included", "rate-limit"],
  ["vector_store_timeout", "timeout"],
  ["bio_policy", "invalid-request"],
  ["cyber_policy", "invalid-request"],
  ["misalignment_policy_violation", "invalid-request"],
  ["data_residency_mismatch", "invalid-request"],
]);
