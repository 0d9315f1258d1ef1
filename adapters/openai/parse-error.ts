import { GatewayError, toErrorKind, type ErrorKind } from "../errors.ts";
import { readProviderError, type ProviderError } from "../provider-error.ts";
import type { Headers } from "../adapter.ts";

/** A provider's error answer. The body's words refine what its status says: imitators of OpenAI say much with 400. */
export function parseError(status: number, body: string, headers: Headers): GatewayError {
  const error = readProviderError(status, body, headers);
  const { kind, code } = judge(status, error);
  return new GatewayError(kind, error.message, {
    upstreamStatus: status,
    retryAfterMs: error.retryAfterMs,
    param: error.param,
    code: code ?? error.code,
  });
}

function judge(status: number, error: ProviderError): { kind: ErrorKind; code?: string } {
  const words = `${error.type ?? ""} ${error.code ?? ""}`.toLowerCase();
  const kind = toErrorKind(status);
  if (/insufficient_quota/.test(words) || status === 402)
    return { kind: "rate-limit", code: "insufficient_quota" };
  if (kind === "invalid-request" || kind === "too-large" || kind === "upstream") {
    if (/context_length|context_window/.test(words) || CONTEXT.test(error.message)) {
      return { kind: "invalid-request", code: "context_length_exceeded" };
    }
  }
  if (kind === "invalid-request") {
    // xAI and Google's endpoint refuse a wrong key with 400; DeepSeek and others an unknown model.
    if (/invalid_api_key/.test(words) || WRONG_KEY.test(error.message)) return { kind: "upstream-auth" };
    if (/model_not_found/.test(words) || NO_MODEL.test(error.message)) {
      return { kind: "not-found", code: "model_not_found" };
    }
  }
  if (kind === "not-found" && /model/i.test(error.message))
    return { kind, code: error.code ?? "model_not_found" };
  return { kind };
}

const CONTEXT =
  /maximum context length|context (?:length|window|size) (?:exceeded|of|is|limit)|exceeds? the (?:available |model's |maximum )?context|prompt is too long|(?:input|prompt)[^.]{0,60}(?:too long|too many tokens)/i;
const WRONG_KEY = /(?:incorrect|invalid) api[ -]key|api[ -]key not valid/i;
const NO_MODEL = /model[^.]{0,100}(?:not found|not exist|does not exist)|unknown model|no such model/i;
