import { GatewayError } from "../adapters/errors.ts";

/** A network failure in words a person can act on. Never carries the request. */
export function toNetworkError(cause: unknown, url: string): GatewayError {
  const { host } = new URL(url);
  const code = cause instanceof Error && "code" in cause ? String(cause.code ?? "") : "";
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return new GatewayError("timeout", `provider ${host} could not be reached in time`, {
      cause,
      code: "connect_timeout",
    });
  }
  if (code === "PRIVATE_ADDRESS" && cause instanceof Error)
    return new GatewayError("upstream", `provider ${host}: ${cause.message}`, {
      cause,
      code: "private_address",
    });
  const reason =
    REASONS[code] ??
    toParserReason(cause) ??
    (cause instanceof Error ? cause.message || code : String(cause));
  return new GatewayError("upstream", `provider ${host}: ${reason}`, { cause, code: code || undefined });
}

/** What undici's reader of HTTP trips over. */
function toParserReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || cause.name !== "HTTPParserError") return undefined;
  return /EOF/.test(cause.message)
    ? "connection was closed in the middle of its answer"
    : "its answer breaks the rules of HTTP/1.1";
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "connection refused: nothing listens there",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up",
  ECONNRESET: "connection was reset",
  UND_ERR_SOCKET: "connection was closed",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  CERT_HAS_EXPIRED: "its TLS certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its TLS certificate is self-signed: name its authority in the provider's caFile",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its TLS certificate is self-signed: name its authority in the provider's caFile",
  ERR_TLS_CERT_ALTNAME_INVALID: "its TLS certificate is for another host",
};
