/** The one error the house throws. Its kind decides status and wording in each protocol's `write-error.ts`. */

export type ErrorKind =
  /** The caller's body, path or parameters are wrong. */
  | "invalid-request"
  /** The caller's key is missing or wrong. */
  | "authentication"
  /** The caller's key does not reach this. */
  | "permission"
  /** Unknown model, group or route. */
  | "not-found"
  | "method-not-allowed"
  | "too-large"
  /** A limit of the provider (all its keys) or of the caller's key. */
  | "rate-limit"
  /** The provider is overloaded. */
  | "overloaded"
  /** The provider refused our key. */
  | "upstream-auth"
  /** The provider cannot be reached, failed, or answered what cannot be read. */
  | "upstream"
  | "timeout"
  /** What is asked cannot be carried to this provider. */
  | "unsupported"
  /** No usable target. */
  | "unavailable"
  /** The caller went away. */
  | "cancelled"
  /** A fault of ours. */
  | "internal";

export interface ErrorDetails {
  cause?: unknown;
  /** HTTP status the provider gave, where one did. */
  upstreamStatus?: number;
  /** Milliseconds after which a retry may succeed. */
  retryAfterMs?: number;
  /** The place in the caller's body: `messages[2].content`. */
  param?: string;
  /** An HTTP status that says more than the kind's: 408, 415. */
  status?: number;
  /** A machine-readable reason: `model_not_found`, `context_length_exceeded`, `insufficient_quota` … */
  code?: string;
}

export class GatewayError extends Error {
  readonly kind: ErrorKind;
  readonly upstreamStatus?: number;
  readonly retryAfterMs?: number;
  readonly param?: string;
  readonly code?: string;
  readonly status?: number;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "GatewayError";
    this.kind = kind;
    this.upstreamStatus = details.upstreamStatus;
    this.retryAfterMs = details.retryAfterMs;
    this.param = details.param;
    this.code = details.code;
    this.status = details.status;
  }
}

const STATUS: Record<ErrorKind, number> = {
  "invalid-request": 400,
  authentication: 401,
  permission: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "too-large": 413,
  "rate-limit": 429,
  overloaded: 503,
  "upstream-auth": 502,
  upstream: 502,
  timeout: 504,
  unsupported: 400,
  unavailable: 503,
  cancelled: 499,
  internal: 500,
};

/** The HTTP status of an error, for protocols that have no word of their own for it. */
export function toStatus(error: GatewayError): number {
  if (error.status !== undefined) return error.status;
  // A provider's own 5xx says more than our 502; anything else it said was judged when the kind was chosen.
  if (error.kind === "upstream" && error.upstreamStatus !== undefined && error.upstreamStatus >= 500) {
    return error.upstreamStatus;
  }
  return STATUS[error.kind];
}

/**
 * The kind of a provider's error by its HTTP status alone; `parse-error.ts` files refine it by the body.
 * 401/403 are about our key, so never an authentication error of the caller.
 */
export function toErrorKind(status: number): ErrorKind {
  switch (status) {
    case 400:
    case 405:
    case 409:
    case 415:
    case 422:
      return "invalid-request";
    case 401:
    case 403:
      return "upstream-auth";
    case 402:
    case 429:
      return "rate-limit";
    case 404:
      return "not-found";
    case 408:
    case 504:
      return "timeout";
    case 413:
      return "too-large";
    case 503:
    case 529:
      return "overloaded";
    default:
      return "upstream";
  }
}
