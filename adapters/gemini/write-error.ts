import type { Call, WireResponse } from "../adapter.ts";
import { toStatus, type ErrorKind, type GatewayError } from "../errors.ts";
import { isSse } from "./is-sse.ts";

/** In front of a stream that would have been a JSON array it is one too. */
export function writeError(error: GatewayError, call?: Call): WireResponse {
  const { retryAfterMs } = error;
  const body = toErrorBody(error);
  const isArray = call?.variant === "stream" && !isSse(call);
  return {
    status: toStatus(error),
    headers: {
      "content-type": "application/json; charset=UTF-8",
      ...(retryAfterMs !== undefined && { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    },
    body: JSON.stringify(isArray ? [body] : body),
  };
}

export interface WireErrorBody {
  error: { code: number; message: string; status: string; details?: unknown[] };
}

/** The same inside a stream and as a whole answer (https://cloud.google.com/apis/design/errors). */
export function toErrorBody(error: GatewayError): WireErrorBody {
  const details = toDetails(error);
  return {
    error: {
      code: toStatus(error),
      message: error.message,
      status: STATUSES[error.kind],
      ...(details.length && { details }),
    },
  };
}

/** Gemini CLI waits as long as `RetryInfo` says. */
function toDetails({ code, param, message, retryAfterMs }: GatewayError): unknown[] {
  const details: unknown[] = [];
  if (code !== undefined) details.push({ "@type": `${TYPE}ErrorInfo`, reason: code, domain: "ccproxy" });
  if (param !== undefined) {
    const fieldViolations = [{ field: param, description: message }];
    details.push({ "@type": `${TYPE}BadRequest`, fieldViolations });
  }
  if (retryAfterMs !== undefined) {
    details.push({ "@type": `${TYPE}RetryInfo`, retryDelay: `${Math.ceil(retryAfterMs / 1000)}s` });
  }
  return details;
}

const TYPE = "type.googleapis.com/google.rpc.";
const STATUSES: Record<ErrorKind, string> = {
  "invalid-request": "INVALID_ARGUMENT",
  authentication: "UNAUTHENTICATED",
  permission: "PERMISSION_DENIED",
  "not-found": "NOT_FOUND",
  "method-not-allowed": "UNIMPLEMENTED",
  "too-large": "INVALID_ARGUMENT",
  "rate-limit": "RESOURCE_EXHAUSTED",
  overloaded: "UNAVAILABLE",
  "upstream-auth": "INTERNAL",
  upstream: "INTERNAL",
  timeout: "DEADLINE_EXCEEDED",
  unsupported: "INVALID_ARGUMENT",
  unavailable: "UNAVAILABLE",
  cancelled: "CANCELLED",
  internal: "INTERNAL",
};
