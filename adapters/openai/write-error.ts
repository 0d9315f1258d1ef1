import { toStatus, type ErrorKind, type GatewayError } from "../errors.ts";
import type { Call, WireResponse } from "../adapter.ts";
import type { WireError } from "./wire.ts";

export function writeError(error: GatewayError, call?: Call): WireResponse {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  return { status: toStatus(error), headers, body: JSON.stringify(toWireError(error, call)) };
}

/** The error object, the same as a whole body and inside a stream. */
export function toWireError(error: GatewayError, call?: Call): WireError {
  const [type, code] = WORDS[error.kind];
  return {
    error: {
      message: error.message,
      type: error.code === "insufficient_quota" ? error.code : type,
      param: toParam(error, call),
      code: error.code ?? code,
    },
  };
}

/** A field of the request, as OpenAI's own errors name it; in other errors `param` is something else of ours. */
function toParam({ kind, code, param }: GatewayError, call: Call | undefined): string | null {
  if (kind === "not-found" && call?.job === "model") return "model";
  if (kind !== "invalid-request" && kind !== "unsupported") return null;
  if (code === "context_length_exceeded" && call?.variant === "chat") return param ?? "messages";
  return param ?? null;
}

/** Type and, where the error brings none of its own, code (https://platform.openai.com/docs/guides/error-codes). */
const WORDS: Record<ErrorKind, readonly [type: string, code: string | null]> = {
  "invalid-request": ["invalid_request_error", null],
  authentication: ["authentication_error", "invalid_api_key"],
  permission: ["permission_error", null],
  "not-found": ["invalid_request_error", null],
  "method-not-allowed": ["invalid_request_error", "method_not_supported"],
  "too-large": ["invalid_request_error", "request_too_large"],
  "rate-limit": ["rate_limit_error", "rate_limit_exceeded"],
  overloaded: ["server_error", "overloaded"],
  "upstream-auth": ["server_error", "provider_authentication"],
  upstream: ["server_error", "provider_error"],
  timeout: ["server_error", "timeout"],
  unsupported: ["invalid_request_error", "unsupported"],
  unavailable: ["server_error", "unavailable"],
  cancelled: ["server_error", "cancelled"],
  internal: ["server_error", "internal_error"],
};
