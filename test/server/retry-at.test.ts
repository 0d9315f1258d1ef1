import { describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import { readDelay, readProviderError } from "../../adapters/provider-error.ts";
import { withRetryAt } from "../../server/retry-at.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const limited = new GatewayError("rate-limit", "slow down", { upstreamStatus: 429 });
const read = (headers: Record<string, string>, error = limited): number | undefined =>
  withRetryAt(error, headers, NOW).retryAfterMs;

describe("withRetryAt", () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ["a date", { "retry-after": "Fri, 01 May 2026 12:00:09 GMT" }, 9000],
    ["a date that is over", { "retry-after": "Fri, 01 May 2026 11:00:00 GMT" }, 0],
    ["no date", { "retry-after": "soon" }, undefined],
    ["a number, which is read elsewhere", { "retry-after": "2026" }, undefined],
    ["OpenRouter's", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW + 4000) }, 4000],
    [
      "seconds since 1970",
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 4) },
      4000,
    ],
    ["OpenAI's", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s" }, 62_500],
    [
      "Anthropic's, the last of those used up",
      {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-05-01T12:00:02Z",
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-05-01T12:00:30Z",
        "anthropic-ratelimit-output-tokens-remaining": "5",
        "anthropic-ratelimit-output-tokens-reset": "2026-05-01T13:00:00Z",
      },
      30_000,
    ],
    ["a limit that is not used up", { "x-ratelimit-remaining": "3", "x-ratelimit-reset": "60" }, undefined],
    ["nothing", {}, undefined],
  ])("reads %s", (_name, headers, ms) => expect(read(headers)).toBe(ms));

  it("leaves a time that is known, and other errors, as they are", () => {
    const known = new GatewayError("rate-limit", "m", { retryAfterMs: 5 });
    expect(withRetryAt(known, { "retry-after": "Fri, 01 May 2026 12:00:09 GMT" }, NOW)).toBe(known);
    const spent = new GatewayError("rate-limit", "m", { code: "insufficient_quota" });
    expect(read({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "60" }, spent)).toBeUndefined();
    const { kind, message, upstreamStatus } = withRetryAt(
      limited,
      { "retry-after": "Fri, 01 May 2026 12:00:09 GMT" },
      NOW,
    );
    expect([kind, message, upstreamStatus]).toEqual(["rate-limit", "slow down", 429]);
  });
});

describe("the time to wait in an error's words", () => {
  it.each([
    ["Rate limit reached. Please try again in 1.5s.", 1500],
    ["Please try again in 20ms. Visit …", 20],
    ["Please try again in 6m0s.", 360_000],
    ["Please retry in 13.25s", 13_250],
    ["try again in 1h2m3s", 3_723_000],
    ["try again in a while", undefined],
    ["try again later", undefined],
  ])("%s", (message, ms) => {
    expect(readProviderError(429, JSON.stringify({ error: { message } }), {}).retryAfterMs).toBe(ms);
  });
  it.each([
    ["1h", 3_600_000],
    ["0.5s", 500],
    ["s", undefined],
    ["", undefined],
    ["5", undefined],
  ])("a delay of %s", (text, ms) => expect(readDelay(text)).toBe(ms));
});
