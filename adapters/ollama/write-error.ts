import type { Call, WireResponse } from "../adapter.ts";
import { toStatus, type ErrorKind, type GatewayError } from "../errors.ts";
import { writeGoJson } from "../go-encode.ts";
import { goQuote } from "../go-json.ts";
import { isModelName, readSource, withTag } from "../model-tag.ts";
import { SIGN_IN } from "./parse-error.ts";

/** The error as a whole response. Paths and methods that do not exist are answered in plain text, as gin does. */
export function writeError(error: GatewayError, call: Call): WireResponse {
  if (error.code === "route_not_found") return plain(404, "404 page not found");
  if (error.kind === "method-not-allowed")
    return plain(405, "405 method not allowed", error.param === undefined ? {} : { allow: error.param });
  const seconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
  const { status, text, more } = toRefusal(error, call);
  // What goes wrong while a stream is being begun has no charset; embeddings are no stream.
  const isBare = call.job !== "embed" && FROM_PROVIDER.has(error.kind);
  return {
    status,
    headers: {
      "content-type": isBare ? "application/json" : "application/json; charset=utf-8",
      ...(seconds !== undefined && { "retry-after": String(seconds) }),
    },
    body: writeGoJson({ error: text, ...more }),
  };
}

/** The one text an error consists of. Clients look for Ollama's own words in it, so those come first. */
export const toErrorText = (error: GatewayError, call: Call): string => toRefusal(error, call).text;

interface Refusal {
  status: number;
  text: string;
  more?: { signin_url: string };
}

function toRefusal(error: GatewayError, call: Call): Refusal {
  const status = toStatus(error);
  if (error.kind === "upstream-auth") return toAuthRefusal(error, status);
  if (error.code === "empty_body") return { status, text: "missing request body" };
  if (error.code === "context_length_exceeded" && call.job === "embed")
    return { status, text: withReason("the input length exceeds the context length", error) };
  // A provider's own word of an unknown model stays as it is.
  const isOurs = error.kind === "not-found" && error.code === "model_not_found";
  if (!isOurs || error.param === undefined || error.upstreamStatus !== undefined)
    return { status, text: error.message };
  if (error.param !== "" && !isModelName(error.param)) return { status: 400, text: "invalid model name" };
  if (readSource(error.param) === "cloud") {
    const what = call.variant === "show" ? "remote model details are" : "remote model is";
    return { status: 403, text: `ollama cloud is disabled: ${what} unavailable` };
  }
  return { status, text: withReason(toNotFoundText(error.param, call), error) };
}

/** What a real Ollama behind us says of its cloud is for the client to act on; any other key is not the client's. */
function toAuthRefusal({ message }: GatewayError, status: number): Refusal {
  if (message.startsWith("ollama cloud is disabled")) return { status: 403, text: message };
  const at = message.indexOf(SIGN_IN);
  if (at === -1) return { status, text: message };
  return {
    status: 401,
    text: message.slice(0, at),
    more: { signin_url: message.slice(at + SIGN_IN.length) },
  };
}

const withReason = (text: string, { message }: GatewayError): string =>
  message.startsWith(text) ? message : `${text} (${message})`;

/** Each route words it in its own way, and clients of each look for its words. */
function toNotFoundText(model: string, call: Call): string {
  if (call.job !== "embed") return `model '${call.variant === "show" ? withTag(model) : model}' not found`;
  return model === "" ? "model '' not found" : `model ${goQuote(model)} not found, try pulling it first`;
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
