import type { Call, WireResponse } from "../adapter.ts";
import { toStatus, type ErrorKind, type GatewayError } from "../errors.ts";

export function writeError(error: GatewayError, call?: Call): WireResponse {
  const { retryAfterMs } = error;
  return {
    // Claude's own status for overload, which its SDKs know.
    status: error.kind === "overloaded" ? 529 : toStatus(error),
    headers: {
      "content-type": "application/json",
      ...(retryAfterMs !== undefined && { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    },
    body: JSON.stringify(toErrorBody(error, call)),
  };
}

export interface WireErrorBody {
  type: "error";
  error: { type: string; message: string; details?: WireErrorDetails | null };
  /** The same as in the response's header `request-id`. */
  request_id: string | null;
}

/** SDKs choose their error's class by it. */
interface WireErrorDetails {
  error_code: string;
}

/**
 * `error` as an event of a stream: there Anthropic tells `details` always. A stream has no status by which clients could
 * tell what passes from what stays, and opencode (AI SDK) tries again for `overloaded_error` alone: a provider that
 * failed on the way is told as that.
 */
export function toErrorEvent(error: GatewayError, call: Call): WireErrorBody {
  const body = toErrorBody(error, call);
  const type = PASSING.has(error.kind) ? TYPES.overloaded : body.error.type;
  return { ...body, error: { details: null, ...body.error, type } };
}

const PASSING: ReadonlySet<ErrorKind> = new Set(["upstream", "timeout", "unavailable"]);

function toErrorBody(error: GatewayError, call: Call | undefined): WireErrorBody {
  const { code } = error;
  return {
    type: "error",
    error: {
      type: TYPES[error.kind],
      message: toMessage(error),
      ...(code !== undefined && { details: { error_code: code } }),
    },
    request_id: call?.requestId ?? null,
  };
}

/** Claude Code shortens the conversation by itself when it reads Anthropic's words for a full context. */
function toMessage({ code, message }: GatewayError): string {
  const isKnown = code !== "context_length_exceeded" || /prompt is too long/i.test(message);
  return isKnown ? message : `prompt is too long: ${message}`;
}

const TYPES: Record<ErrorKind, string> = {
  "invalid-request": "invalid_request_error",
  authentication: "authentication_error",
  permission: "permission_error",
  "not-found": "not_found_error",
  "method-not-allowed": "invalid_request_error",
  "too-large": "request_too_large",
  "rate-limit": "rate_limit_error",
  overloaded: "overloaded_error",
  "upstream-auth": "api_error",
  upstream: "api_error",
  timeout: "timeout_error",
  unsupported: "invalid_request_error",
  unavailable: "api_error",
  cancelled: "api_error",
  internal: "api_error",
};
