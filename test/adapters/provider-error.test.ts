import { describe, expect, it } from "vitest";
import { hideKeys, readProviderError, readRetryAfter } from "../../adapters/provider-error.ts";

const read = (body: unknown, status = 400, headers = {}) =>
  readProviderError(status, typeof body === "string" ? body : JSON.stringify(body), headers);

describe("readProviderError", () => {
  it.each([
    [
      { error: { message: "m", type: "t", code: "c", param: "p" } },
      { message: "m", type: "t", code: "c", param: "p" },
    ],
    [
      { type: "error", error: { type: "overloaded_error", message: "m" } },
      { message: "m", type: "overloaded_error" },
    ],
    [{ error: "m" }, { message: "m" }],
    [
      { message: "m", code: "c" },
      { message: "m", code: "c" },
    ],
    [{ detail: "m" }, { message: "m" }],
    [{ error: { msg: "m" } }, { message: "m" }],
    [{ error: { code: 400 }, message: "m" }, { message: "m" }],
    [
      [{ error: { code: 429, message: "m", status: "RESOURCE_EXHAUSTED" } }],
      { message: "m", type: "RESOURCE_EXHAUSTED" },
    ],
    ["  plain words\n", { message: "plain words" }],
  ])("reads %j", (body, expected) => {
    expect(read(body)).toEqual(expected);
  });

  it.each([
    "",
    "<!DOCTYPE html><html>nginx</html>",
    " <html>",
    "{}",
    "[]",
    '{"error":{}}',
    '{"a":',
    '[{"x":1}]',
  ])("trap 39: makes a sentence of %j", (body) => {
    expect(read(body, 503)).toEqual({ message: "the provider answered with HTTP status 503" });
  });

  it("keeps a long message short", () => {
    expect(read({ error: { message: "x".repeat(100_000) } }).message).toHaveLength(2000);
    expect(read("y".repeat(100_000)).message).toHaveLength(2000);
  });

  it("finds the time to wait in headers and in Google's details", () => {
    const details = [null, "x", { retryDelay: 5 }, { "@type": "RetryInfo", retryDelay: "13.5s" }];
    expect(read({ error: { message: "m", details } }).retryAfterMs).toBe(13_500);
    expect(read({ error: { message: "m", details } }, 429, { "retry-after": "2" }).retryAfterMs).toBe(2000);
    expect(read({ error: { message: "m", details: [{ retryDelay: "soon" }] } }).retryAfterMs).toBeUndefined();
  });

  it("does not tell the key that was refused", () => {
    const message = "Incorrect API key provided: sk-proj-abcdefghijklmnop1234.";
    expect(read({ error: { message } }).message).toBe("Incorrect API key provided: sk-p….");
    expect(read("bad key sk-ant-REDACTED").message).not.toContain("abcdef");
  });
});

describe("readRetryAfter", () => {
  it.each([
    [{}, undefined],
    [{ "retry-after": "3" }, 3000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "120", "retry-after": "3" }, 120],
    [{ "retry-after-ms": "soon", "retry-after": "3" }, 3000],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after": "-1" }, undefined],
    [{ "retry-after": "Infinity" }, undefined],
    [{ "retry-after": "1e999" }, undefined],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, undefined],
  ])("of %j is %s", (headers, expected) => {
    expect(readRetryAfter(headers)).toBe(expected);
  });
});

describe("hideKeys", () => {
  it.each([
    "sk-proj-abcdefghijklmnop1234",
    "sk-ant-REDACTED",
    "sk_live_abcdefghijkl",
    "gsk_abcdefghijklmnopqrst",
    "xai-abcdefghijklmnop",
    "AIzaSyA1234567890abcdefghijklmnop",
    "ccp_abcdefghijklmnopqrstuv",
  ])("hides %s", (key) => {
    const hidden = hideKeys(`your key (${key}) is wrong`);
    expect(hidden).toBe(`your key (${key.slice(0, 4)}…) is wrong`);
  });

  it.each([
    "skip_special_tokens is not supported",
    "unexpected keyword_arguments and pkg_resources_extern",
    "skeletonization of keyboardinterrupts",
    "key is wrong",
    "model sk-1 not found",
  ])("leaves %j alone", (message) => {
    expect(hideKeys(message)).toBe(message);
  });

  it("is linear", () => {
    const began = performance.now();
    hideKeys("sk-".repeat(100_000));
    hideKeys("sk- ".repeat(100_000));
    expect(performance.now() - began).toBeLessThan(500);
  });
});
