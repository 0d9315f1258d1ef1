import type { Call, WireResponse } from "../adapter.ts";
import { toStatus, type ErrorKind, type GatewayError } from "../errors.ts";
import { withTag } from "../model-tag.ts";

/** The error as a whole response. Paths and methods that do not exist are answered in plain text, as gin does. */
export function writeError(error: GatewayError, call: Call): WireResponse {
  if (error.code === "route_not_found") return plain(404, "404 page not found");
  if (error.kind === "method-not-allowed")
    return plain(405, "405 method not allowed", error.param === undefined ? {} : { allow: error.param });
  const seconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
  return {
    status: toStatus(error),
    headers: {
      "content-type": FROM_PROVIDER.has(error.kind) ? "application/json" : "application/json; charset=utf-8",
      ...(seconds !== undefined && { "retry-after": String(seconds) }),
    },
    body: JSON.stringify({ error: toErrorText(error, call) }),
  };
}

/** The one text an error consists of. Clients look for Ollama's own words in it, so those come first. */
export function toErrorText(error: GatewayError, call: Call): string {
  switch (error.code) {
    case "empty_body":
      return "missing request body";
    case "model_not_found": {
      if (error.kind !== "not-found" || error.param === undefined) return error.message;
      const text = toNotFoundText(error.param, call);
      return error.message.startsWith(text) ? error.message : `${text} (${error.message})`;
    }
    default:
      return error.message;
  }
}

/** Each route words it in its own way, and clients of each look for its words. */
function toNotFoundText(model: string, call: Call): string {
  if (call.job === "embed") {
    return model === "" ? "model '' not found" : `model "${model}" not found, try pulling it first`;
  }
  if (call.variant === "copy") return `model "${model}" not found`;
  return `model '${call.variant === "show" ? withTag(model) : model}' not found`;
}

const plain = (status: number, body: string, headers: Record<string, string> = {}): WireResponse => ({
  status,
  headers: { "content-type": "text/plain", ...headers },
  body,
});

const FROM_PROVIDER = new Set<ErrorKind>([
  "rate-limit",
  "overloaded",
  "upstream-auth",
  "upstream",
  "timeout",
  "unsupported",
  "unavailable",
]);
