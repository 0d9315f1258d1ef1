import type { Headers } from "../adapter.ts";
import { GatewayError, toErrorKind, type ErrorKind } from "../errors.ts";
import { readProviderError, type ProviderError } from "../provider-error.ts";
import type { Json } from "../validate.ts";

export function parseError(status: number, body: string, headers: Headers): GatewayError {
  const error = readProviderError(status, body, headers);
  const { kind, code } = judge(error, toErrorKind(status));
  return new GatewayError(kind, error.message, {
    upstreamStatus: status,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    ...(error.param !== undefined && { param: error.param }),
    ...(code !== undefined && { code }),
  });
}

/** An `error` event inside a stream that began with status 200. */
export function toStreamError(event: Json): GatewayError {
  const error = readProviderError(200, JSON.stringify({ error: event.error ?? event }), {});
  const message = error.message.endsWith("HTTP status 200")
    ? "the provider broke the answer off"
    : error.message;
  const { kind, code } = judge(error, "upstream");
  return new GatewayError(kind, message, code === undefined ? {} : { code });
}

function judge(error: ProviderError, byStatus: ErrorKind): { kind: ErrorKind; code?: string } {
  const { message, type } = error;
  const kind = (type === undefined ? undefined : KINDS.get(type)) ?? byStatus;
  // An empty account is answered with 400; to a router it is a limit of the key.
  if (type === "billing_error" || /credit balance is too low/i.test(message)) {
    return { kind: "rate-limit", code: "insufficient_quota" };
  }
  const tooLong = (kind === "invalid-request" || kind === "too-large") && TOO_LONG.test(message);
  if (tooLong) return { kind: "invalid-request", code: "context_length_exceeded" };
  return { kind, code: error.code };
}

const KINDS = new Map<string, ErrorKind>([
  ["invalid_request_error", "invalid-request"],
  ["authentication_error", "upstream-auth"],
  ["permission_error", "upstream-auth"],
  ["not_found_error", "not-found"],
  ["request_too_large", "too-large"],
  ["rate_limit_error", "rate-limit"],
  ["overloaded_error", "overloaded"],
  ["timeout_error", "timeout"],
  ["api_error", "upstream"],
]);

const TOO_LONG =
  /prompt is too long|input is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context|context (?:limit|length|window)/i;
