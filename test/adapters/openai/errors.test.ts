import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { parseError } from "../../../adapters/openai/parse-error.ts";
import { writeError } from "../../../adapters/openai/write-error.ts";
import { makeCall } from "./load.ts";

describe("writeError", () => {
  it.each([
    [
      new GatewayError("invalid-request", "m", { param: "model" }),
      400,
      { type: "invalid_request_error", param: "model", code: null },
    ],
    [new GatewayError("authentication", "m"), 401, { type: "authentication_error", code: "invalid_api_key" }],
    [
      new GatewayError("not-found", "m", { code: "model_not_found" }),
      404,
      { type: "invalid_request_error", code: "model_not_found" },
    ],
    [
      new GatewayError("rate-limit", "m", { upstreamStatus: 429 }),
      429,
      { type: "rate_limit_error", code: "rate_limit_exceeded" },
    ],
    [new GatewayError("upstream-auth", "m", { upstreamStatus: 401 }), 502, { type: "server_error" }],
    [new GatewayError("upstream", "m", { upstreamStatus: 500 }), 500, { type: "server_error" }],
  ])("%s → %i", (error, status, fields) => {
    const response = writeError(error);
    expect(response.status).toBe(status);
    expect(JSON.parse(response.body)).toMatchObject({ error: { message: "m", ...fields } });
  });

  it.each([
    [
      "an empty account",
      new GatewayError("rate-limit", "m", { code: "insufficient_quota" }),
      "chat",
      ["insufficient_quota", "insufficient_quota", null],
    ],
    [
      "a full context",
      new GatewayError("invalid-request", "m", { code: "context_length_exceeded" }),
      "chat",
      ["invalid_request_error", "context_length_exceeded", "messages"],
    ],
    [
      "an unknown model",
      new GatewayError("not-found", "m", { code: "model_not_found", param: "x" }),
      "model",
      ["invalid_request_error", "model_not_found", "model"],
    ],
    [
      "an unknown model",
      new GatewayError("not-found", "m", { code: "model_not_found", param: "x" }),
      "chat",
      ["invalid_request_error", "model_not_found", null],
    ],
    ["an unknown path", new GatewayError("not-found", "m"), "chat", ["invalid_request_error", null, null]],
    [
      "a wrong method",
      new GatewayError("method-not-allowed", "m", { param: "GET, HEAD" }),
      "chat",
      ["invalid_request_error", "method_not_supported", null],
    ],
  ] as const)("%s is told in OpenAI's words: %s", (_what, error, job, fields) => {
    const call = { ...makeCall(), job };
    const { error: told } = JSON.parse(writeError(error, call).body) as { error: Record<string, unknown> };
    expect([told.type, told.code, told.param]).toEqual(fields);
  });

  it("tells how long to wait, in whole seconds", () => {
    expect(
      writeError(new GatewayError("rate-limit", "m", { retryAfterMs: 1200 })).headers["retry-after"],
    ).toBe("2");
  });
});

describe("parseError", () => {
  it.each([
    [
      401,
      '{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}',
      "upstream-auth",
      "invalid_api_key",
    ],
    [
      429,
      '{"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}}',
      "rate-limit",
      "insufficient_quota",
    ],
    [402, '{"error":{"message":"Insufficient Balance"}}', "rate-limit", "insufficient_quota"],
    [
      400,
      '{"error":{"message":"This model\'s maximum context length is 8192 tokens."}}',
      "invalid-request",
      "context_length_exceeded",
    ],
    [
      400,
      '{"error":{"message":"x","code":"context_length_exceeded"}}',
      "invalid-request",
      "context_length_exceeded",
    ],
    [500, '{"error":"input is too long for the context size"}', "invalid-request", "context_length_exceeded"],
    [400, '{"error":{"message":"Model Not Exist"}}', "not-found", "model_not_found"],
    [
      400,
      '[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]',
      "upstream-auth",
      undefined,
    ],
    [
      404,
      '{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}',
      "not-found",
      "model_not_found",
    ],
    [422, '{"detail":"bad field"}', "invalid-request", undefined],
    [503, "<html><body>busy</body></html>", "overloaded", undefined],
    [500, "", "upstream", undefined],
  ])("%i %s", (status, body, kind, code) => {
    const error = parseError(status, body, {});
    expect(error).toMatchObject({ kind, upstreamStatus: status });
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/[<{[]/);
  });

  it("reads how long to wait", () => {
    expect(parseError(429, "{}", { "retry-after": "3" }).retryAfterMs).toBe(3000);
  });
});
