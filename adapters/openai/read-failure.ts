import { GatewayError, type ErrorKind } from "../errors.ts";
import { isObject, type Json, toWord } from "../validate.ts";
import { parseError } from "./parse-error.ts";

/**
 * The error that a chunk or a body with status 200 holds: `{error: {…}}`, `{error: "text"}`, vLLM's
 * `{object: "error", message}`, FastAPI's `{detail}`, OpenRouter's and DeepSeek's finish reasons for a broken answer.
 */
export function readFailure(chunk: Json): GatewayError | undefined {
  if (isObject(chunk.error) || (typeof chunk.error === "string" && chunk.error !== "")) {
    return toError(chunk.error, chunk);
  }
  if (Array.isArray(chunk.choices)) {
    for (const choice of chunk.choices) {
      if (!isObject(choice)) continue;
      if (isObject(choice.error)) return toError(choice.error, choice);
      if (choice.finish_reason === "error") {
        return new GatewayError("upstream", "the provider broke off its answer with an error");
      }
      if (choice.finish_reason === "insufficient_system_resource") {
        return new GatewayError(
          "overloaded",
          "the provider ran out of resources in the middle of its answer",
        );
      }
    }
    return undefined;
  }
  const bare = chunk.object === "error" || chunk.type === "error" || chunk.detail !== undefined;
  return bare ? toError(chunk, chunk) : undefined;
}

function toError(error: unknown, around: Json): GatewayError {
  const inner: Json = isObject(error) ? error : {};
  const status = readStatus(inner) ?? readStatus(around);
  const parsed = parseError(status ?? 502, JSON.stringify({ error }), {});
  if (status !== undefined) return parsed;
  const words = `${toWord(inner.type ?? "")} ${toWord(inner.code ?? "")}`.toLowerCase();
  const kind = KINDS.find(([pattern]) => pattern.test(words))?.[1] ?? parsed.kind;
  return new GatewayError(kind, parsed.message, { code: parsed.code, param: parsed.param });
}

/** Status of an error that came inside a 200: OpenRouter and Google put it in `code`, as a number. */
function readStatus(error: Json): number | undefined {
  for (const value of [error.code, error.status, error.status_code]) {
    const number = typeof value === "string" ? Number(value) : value;
    if (typeof number === "number" && number >= 400 && number <= 599) return number;
  }
  return undefined;
}

const KINDS: readonly [RegExp, ErrorKind][] = [
  [/rate_?limit|quota|resource_exhausted|too_many/, "rate-limit"],
  [/overloaded|unavailable|capacity/, "overloaded"],
  [/timeout|deadline/, "timeout"],
  [/auth|permission|api_key/, "upstream-auth"],
  [/invalid|bad_?request|context_length/, "invalid-request"],
  [/not_?found/, "not-found"],
];
