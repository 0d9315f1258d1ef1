import type { Headers } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { readDelay } from "../adapters/provider-error.ts";

/**
 * The error with the time to wait that a provider's headers name as a moment, or as when a limit is whole again; the
 * error itself where it knows a time already. `now`: milliseconds since 1970.
 */
export function withRetryAt(error: GatewayError, headers: Headers, now: number): GatewayError {
  if (error.retryAfterMs !== undefined) return error;
  const isLimit = error.kind === "rate-limit" && error.code !== "insufficient_quota";
  const retryAfterMs =
    readDate(headers["retry-after"], now) ?? (isLimit ? readReset(headers, now) : undefined);
  if (retryAfterMs === undefined) return error;
  const { kind, message, cause, upstreamStatus, param, code } = error;
  return new GatewayError(kind, message, { cause, upstreamStatus, param, code, retryAfterMs });
}

/** When the limit that is used up is whole again; where several are, the last of them. */
function readReset(headers: Headers, now: number): number | undefined {
  let most: number | undefined;
  for (const [remaining, reset] of LIMITS) {
    const left = headers[remaining];
    const value = headers[reset];
    if (value === undefined || left === undefined || Number(left) > 0) continue;
    const ms = readMoment(value, now);
    if (ms !== undefined) most = Math.max(most ?? 0, ms);
  }
  return most;
}

/** "6m0s", a moment as Anthropic writes it, milliseconds or seconds since 1970, or seconds from now. */
function readMoment(text: string, now: number): number | undefined {
  const count = Number(text);
  if (text.trim() === "" || !Number.isFinite(count)) return readDelay(text) ?? readDate(text, now);
  if (count < 0) return undefined;
  if (count > YEAR_2001_MS) return Math.max(0, count - now);
  return count > YEAR_2001_S ? Math.max(0, count * 1000 - now) : count * 1000;
}

function readDate(text: string | undefined, now: number): number | undefined {
  // A bare number is no date, although it can be read as a year.
  if (text === undefined || !/[a-z]/i.test(text)) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}

/** What is left of a limit, and when it is whole again: OpenRouter's, OpenAI's and Groq's, Anthropic's. */
const LIMITS: readonly [remaining: string, reset: string][] = [
  ["x-ratelimit-remaining", "x-ratelimit-reset"],
  ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
  ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
  ["anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"],
  ["anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"],
  ["anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"],
  ["anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"],
];
const YEAR_2001_MS = 1e12;
const YEAR_2001_S = 1e9;
