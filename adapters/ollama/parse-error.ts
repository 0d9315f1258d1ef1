import type { Headers } from "../adapter.ts";
import { GatewayError, toErrorKind, type ErrorKind } from "../errors.ts";
import { readProviderError } from "../provider-error.ts";

/** A provider's error answer: `{"error": "text"}`, told apart by its words. */
export function parseError(status: number, body: string, headers: Headers): GatewayError {
  const { message, retryAfterMs, code: given, param } = readProviderError(status, body, headers);
  const { kind, code = given } = refineError(toErrorKind(status), message);
  const details = { upstreamStatus: status, retryAfterMs, code, param };
  const place = status === 401 ? readSignIn(body) : undefined;
  return new GatewayError(kind, place === undefined ? message : message + SIGN_IN + place, details);
}

/** A model of Ollama's cloud wants its Ollama signed in, and says where that is done. */
function readSignIn(body: string): string | undefined {
  return /"signin_url":\s*("https:[^"]{1,1000}")/.exec(body)?.[1]?.slice(1, -1).replaceAll("\\u0026", "&");
}

/** Kind and code by the text, where it says more than the status. */
export function refineError(kind: ErrorKind, message: string): { kind: ErrorKind; code?: string } {
  for (const [words, refined] of BY_WORDS) if (words.test(message)) return refined;
  return { kind };
}

/** Stands between what Ollama said and where to sign in. */
export const SIGN_IN = "; sign in at ";

const BY_WORDS: [RegExp, { kind: ErrorKind; code?: string }][] = [
  [/does not support tools/i, { kind: "invalid-request", code: "tools_not_supported" }],
  [/does not support thinking|think value/i, { kind: "invalid-request", code: "thinking_not_supported" }],
  [/does not support/i, { kind: "invalid-request", code: "not_supported" }],
  [
    /(?:exceed(?:s|ed)?|longer than|over) (?:the )?(?:max(?:imum)? |available )?context (?:length|size|window)/i,
    { kind: "invalid-request", code: "context_length_exceeded" },
  ],
  [/^model\b.*\bnot found/i, { kind: "not-found", code: "model_not_found" }],
  // Ollama answers these two with 500.
  [/^option ".*" must be of|^invalid format:/, { kind: "invalid-request" }],
  [/usage limit|quota/i, { kind: "rate-limit", code: "insufficient_quota" }],
  [/too many requests|rate limit/i, { kind: "rate-limit" }],
  [/server busy/i, { kind: "overloaded" }],
];
