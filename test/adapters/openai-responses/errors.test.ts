import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { call, client, plain, provider } from "./load.ts";

describe("errors for the client", () => {
  it.each([
    [
      new GatewayError("invalid-request", "m", { param: "input" }),
      400,
      { type: "invalid_request_error", param: "input" },
    ],
    [new GatewayError("authentication", "m"), 401, { code: "invalid_api_key" }],
    [
      new GatewayError("not-found", "m", { code: "model_not_found" }),
      404,
      { code: "model_not_found", param: null },
    ],
    [new GatewayError("rate-limit", "m"), 429, { type: "rate_limit_error", code: "rate_limit_exceeded" }],
    [
      new GatewayError("rate-limit", "m", { code: "insufficient_quota" }),
      429,
      { type: "insufficient_quota" },
    ],
    [new GatewayError("upstream-auth", "m"), 502, { type: "server_error" }],
    [new GatewayError("overloaded", "m"), 503, { type: "server_error" }],
  ])("%#", (error, status, fields) => {
    const response = client.writeError(error, call);
    expect(response.status).toBe(status);
    expect(JSON.parse(response.body)).toMatchObject({ error: { message: "m", ...fields } });
  });

  it("say when to come back", () => {
    const { headers } = client.writeError(new GatewayError("rate-limit", "m", { retryAfterMs: 1200 }), call);
    expect(headers["retry-after"]).toBe("2");
  });
});

describe("errors of the provider", () => {
  it.each([
    [
      400,
      '{"error":{"message":"bad","type":"invalid_request_error","param":"input","code":null}}',
      "invalid-request",
      undefined,
    ],
    [
      400,
      '{"error":{"message":"This model\'s maximum context length is 8192"}}',
      "invalid-request",
      "context_length_exceeded",
    ],
    [
      401,
      '{"error":{"message":"Incorrect API key provided: sk-abcdefghijklmnop"}}',
      "upstream-auth",
      undefined,
    ],
    [404, '{"error":{"message":"no","code":"model_not_found"}}', "not-found", "model_not_found"],
    [429, '{"error":{"message":"quota","code":"insufficient_quota"}}', "rate-limit", "insufficient_quota"],
    [500, '{"error":{"message":"x","code":"server_is_overloaded"}}', "overloaded", "server_is_overloaded"],
    [500, "<html>", "upstream", undefined],
    [503, "", "overloaded", undefined],
  ])("%i %s", (status, body, kind, code) => {
    const error = provider.parseError(status, body, { "retry-after": "3" });
    expect(error).toMatchObject({ kind, upstreamStatus: status, code, retryAfterMs: 3000 });
    expect(error.message).not.toMatch(/abcdefghijklmnop|</);
    expect(error.message).not.toBe("");
  });
});

it.each([
  ["Rate limit reached. Please try again in 1.5s.", 1500],
  ["Rate limit reached. Please try again in 20ms. Visit us.", 20],
  ["Rate limit reached. Please try again in 6m0s.", undefined],
  ["Rate limit reached.", undefined],
])("trap 39: the time to wait stands in a stream's error: %s", (message, retryAfterMs) => {
  const parser = provider.createStreamParser(plain());
  const event = { type: "response.failed", response: { error: { code: "rate_limit_exceeded", message } } };
  const [told] = parser.push(`data: ${JSON.stringify(event)}\n\n`);
  expect(told).toMatchObject({ type: "error", error: { kind: "rate-limit", message } });
  expect(told?.type === "error" && told.error.retryAfterMs).toBe(retryAfterMs);
});
