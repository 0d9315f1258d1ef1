import { isObject } from "./validate.ts";
import type { Headers } from "./adapter.ts";

/** What a provider's error answer says, in whatever shape it came. */
export interface ProviderError {
  /** Fit to be shown: no markup, no keys, at most some hundred characters. */
  message: string;
  /** The protocol's word for the kind of error (`invalid_request_error`, `RESOURCE_EXHAUSTED`). */
  type?: string;
  code?: string;
  param?: string;
  retryAfterMs?: number;
}

/**
 * Reads the error shapes providers use, their own protocol's and those of others they imitate: `{error: {message}}`,
 * `{error: "text"}`, `{message}`, `{detail}`, Gemini's `[{error}]`. HTML and empty bodies become a short sentence.
 */
export function readProviderError(status: number, body: string, headers: Headers): ProviderError {
  const parsed = parseBody(body);
  const outer = isObject(parsed) ? parsed : undefined;
  const inner = isObject(outer?.error) ? outer.error : outer;
  const text =
    firstString(outer?.error, inner?.message, inner?.detail, inner?.msg, outer?.message) ?? plainText(body);
  const retryAfterMs = readRetryAfter(headers) ?? readRetryInfo(inner?.details) ?? readWords(text);
  return {
    message: hideKeys(text === "" ? `the provider answered with HTTP status ${status}` : text).slice(
      0,
      MAX_LENGTH,
    ),
    ...optional("type", firstString(inner?.type, inner?.status)),
    ...optional("code", firstString(inner?.code)),
    ...optional("param", firstString(inner?.param)),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** `retry-after-ms` or the seconds form of `retry-after`, in milliseconds. The date form needs a clock: `server/retry-at.ts`. */
export function readRetryAfter(headers: Headers): number | undefined {
  const seconds = toCount(headers["retry-after"]);
  return toCount(headers["retry-after-ms"]) ?? (seconds === undefined ? undefined : seconds * 1000);
}

/** Takes out what looks like a key: providers like to quote the one they refused. */
export const hideKeys = (text: string): string =>
  text.replace(
    /\b(?:(?:sk|pk|gsk|xai|hf|nvapi|key|ccp)[-_]|AIza)[-_A-Za-z0-9]{12,}/g,
    (key) => `${key.slice(0, 4)}…`,
  );

function parseBody(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return Array.isArray(value) ? value[0] : value;
  } catch {
    return undefined;
  }
}

/** Google's `google.rpc.RetryInfo` in an error's details: `{retryDelay: "13s"}`. */
function readRetryInfo(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined;
  for (const detail of details) {
    const delay = isObject(detail) ? detail.retryDelay : undefined;
    const seconds =
      typeof delay === "string" && delay.endsWith("s") ? toCount(delay.slice(0, -1)) : undefined;
    if (seconds !== undefined) return seconds * 1000;
  }
  return undefined;
}

/** Some say it in words alone: "Please try again in 1.5s", "in 20ms", "Please retry in 6m0s". */
function readWords(message: string): number | undefined {
  const delay = /\b(?:try again|retry) (?:in|after) ([\dhms.]{2,30})/i.exec(message)?.[1];
  return delay === undefined ? undefined : readDelay(delay);
}

/** Milliseconds of "1h2m3.5s" or "20ms"; undefined: it is something else. */
export function readDelay(text: string): number | undefined {
  const found =
    /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?(?=\.?$)/.exec(
      text.trim(),
    );
  if (!found?.[0]) return undefined;
  const [hours, minutes, seconds, ms] = found.slice(1).map((count) => Number(count ?? 0));
  return Math.ceil(((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000 + (ms ?? 0));
}

function toCount(text: string | undefined): number | undefined {
  const count = Number(text || undefined);
  return Number.isFinite(count) && count >= 0 ? count : undefined;
}

function plainText(body: string): string {
  const trimmed = body.slice(0, 2000).trim();
  return trimmed.startsWith("<") || trimmed.startsWith("{") || trimmed.startsWith("[") ? "" : trimmed;
}

function firstString(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value !== "");
}

const optional = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: string });

const MAX_LENGTH = 2000;
