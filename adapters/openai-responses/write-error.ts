import type { WireResponse } from "../adapter.ts";
import { toStatus, type ErrorKind, type GatewayError } from "../errors.ts";

/** An error before anything of an answer was sent. */
export function writeError(error: GatewayError): WireResponse {
  const [type, code] = WORDS[error.kind];
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  const body = {
    error: {
      message: error.message,
      type: error.code === "insufficient_quota" ? "insufficient_quota" : type,
      param: error.param ?? null,
      code: error.code ?? code,
    },
  };
  return { status: toStatus(error), headers, body: JSON.stringify(body) };
}

/**
 * An error after the stream began, as `response.failed` carries it. Codex gives up on the codes it knows to be final
 * and retries on all others, so a fault of the provider is always `server_error`.
 */
export function toStreamError(error: GatewayError): { code: string; message: string } {
  if (error.code !== undefined && FINAL_CODES.has(error.code)) {
    return { code: error.code, message: error.message };
  }
  switch (error.kind) {
    case "invalid-request":
    case "unsupported":
    case "too-large":
      return { code: "invalid_prompt", message: error.message };
    case "rate-limit":
      return { code: "rate_limit_exceeded", message: withDelay(error) };
    default:
      return { code: "server_error", message: error.message };
  }
}

/** Inside a stream there is no header for the time to wait: Codex reads it from the sentence OpenAI writes. */
function withDelay({ message, retryAfterMs }: GatewayError): string {
  if (retryAfterMs === undefined || message.includes("try again in")) return message;
  return `${message} Please try again in ${retryAfterMs / 1000}s.`;
}

const FINAL_CODES = new Set(["context_length_exceeded", "insufficient_quota"]);

/** type and code as OpenAI words them. */
const WORDS: Record<ErrorKind, [type: string, code: string | null]> = {
  "invalid-request": ["invalid_request_error", null],
  authentication: ["invalid_request_error", "invalid_api_key"],
  permission: ["invalid_request_error", "permission_denied"],
  "not-found": ["invalid_request_error", null],
  "method-not-allowed": ["invalid_request_error", "method_not_allowed"],
  "too-large": ["invalid_request_error", "request_too_large"],
  "rate-limit": ["rate_limit_error", "rate_limit_exceeded"],
  overloaded: ["server_error", "server_overloaded"],
  "upstream-auth": ["server_error", "upstream_authentication"],
  upstream: ["server_error", "upstream_error"],
  timeout: ["server_error", "timeout"],
  unsupported: ["invalid_request_error", "unsupported"],
  unavailable: ["server_error", "service_unavailable"],
  cancelled: ["server_error", "cancelled"],
  internal: ["server_error", "server_error"],
};
