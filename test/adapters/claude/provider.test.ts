import { describe, expect, it } from "vitest";
import { claude } from "../../../adapters/claude/index.ts";
import { call } from "./fixtures.ts";

const { provider, client } = claude;

describe("parseError", () => {
  const body = (type: string, message = "why") => JSON.stringify({ type: "error", error: { type, message } });

  it.each([
    [400, body("invalid_request_error"), "invalid-request", undefined],
    [401, body("authentication_error"), "upstream-auth", undefined],
    [403, body("permission_error"), "upstream-auth", undefined],
    [404, body("not_found_error"), "not-found", undefined],
    [413, body("request_too_large"), "too-large", undefined],
    [429, body("rate_limit_error"), "rate-limit", undefined],
    [500, body("api_error"), "upstream", undefined],
    [500, body("overloaded_error"), "overloaded", undefined],
    [529, "", "overloaded", undefined],
    [504, body("timeout_error"), "timeout", undefined],
    [402, body("billing_error"), "rate-limit", "insufficient_quota"],
    [
      400,
      body("invalid_request_error", "Your credit balance is too low to access"),
      "rate-limit",
      "insufficient_quota",
    ],
    [
      400,
      body("invalid_request_error", "prompt is too long: 2 tokens > 1 maximum"),
      "invalid-request",
      "context_length_exceeded",
    ],
    [
      400,
      body("invalid_request_error", "input length and `max_tokens` exceed context limit: 3"),
      "invalid-request",
      "context_length_exceeded",
    ],
    [502, "<html>Bad Gateway</html>", "upstream", undefined],
    [400, '{"error":"plain"}', "invalid-request", undefined],
  ])("%i %s is %s", (status, text, kind, code) => {
    const error = provider.parseError(status, text, {});
    expect([error.kind, error.code, error.upstreamStatus]).toEqual([kind, code, status]);
    expect(error.message).not.toContain("<");
  });

  it("reads when to come back, and hides keys", () => {
    const text = body("rate_limit_error", "key sk-ant-api03-abcdefghijklmnop is limited");
    const error = provider.parseError(429, text, { "retry-after": "7" });
    expect(error.retryAfterMs).toBe(7000);
    expect(error.message).not.toContain("abcdefghijklmnop");
  });
});

describe("models", () => {
  const sonnet = {
    type: "model",
    id: "claude-sonnet-4-5",
    display_name: "Claude Sonnet 4.5",
    created_at: "2025-09-29T00:00:00Z",
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: {
      image_input: { supported: true },
      thinking: { supported: true },
      batch: { supported: true },
    },
  };

  it("reads a list, its own and imitators'", () => {
    const data = [
      sonnet,
      { id: "imitated", object: "model", created: 1_700_000_000, owned_by: "x" },
      { nothing: 1 },
    ];
    expect(provider.models.parseList({ data })).toEqual([
      {
        id: "claude-sonnet-4-5",
        displayName: "Claude Sonnet 4.5",
        createdAt: Date.UTC(2025, 8, 29),
        contextLength: 200_000,
        maxOutputTokens: 64_000,
        capabilities: ["completion", "tools", "vision", "thinking"],
        native: { protocol: "claude", body: sonnet },
      },
      {
        id: "imitated",
        createdAt: 1_700_000_000_000,
        ownedBy: "x",
        native: { protocol: "claude", body: data[1] },
      },
    ]);
    expect(() => provider.models.parseList({ error: "no" })).toThrow("model list");
  });

  it("writes a list of one page", () => {
    const models = [
      { id: "b/one", displayName: "One", contextLength: 8 },
      ...provider.models.parseList([sonnet]),
    ];
    const life = { line: null, lifecycle: "active", deprecated_at: null, retires_at: null };
    expect(client?.models?.writeList(models, call("models"))).toEqual({
      data: [
        {
          ...life,
          type: "model",
          id: "b/one",
          display_name: "One",
          created_at: "1970-01-01T00:00:00Z",
          max_input_tokens: 8,
          max_tokens: null,
          capabilities: null,
        },
        { ...life, ...sonnet },
      ],
      has_more: false,
      first_id: "b/one",
      last_id: "claude-sonnet-4-5",
    });
    expect(client?.models?.writeList([], call("models"))).toMatchObject({
      data: [],
      first_id: null,
      last_id: null,
    });
  });

  it("lists models in pages where the client wants pages", () => {
    const models = ["a", "b", "c", "d"].map((id) => ({ id }));
    const ids = (query: string): unknown => {
      const list = client?.models?.writeList(models, call("models", query)) as { data: { id: string }[] };
      return { ...list, data: list.data.map(({ id }) => id).join("") };
    };
    expect(ids("limit=3")).toEqual({ data: "abc", has_more: true, first_id: "a", last_id: "c" });
    expect(ids("limit=3&after_id=c")).toEqual({ data: "d", has_more: false, first_id: "d", last_id: "d" });
    expect(ids("limit=2&before_id=d")).toMatchObject({ data: "bc", has_more: true });
    expect(ids("limit=0&after_id=nobody")).toMatchObject({ data: "abcd", has_more: false });
    expect(ids("lifecycle[]=deprecated")).toMatchObject({ data: "", has_more: false });
    expect(ids("lifecycle[]=deprecated&lifecycle[]=active")).toMatchObject({ data: "abcd" });
  });

  it("asks for one model", () => {
    expect(provider.models.describe?.("a/b").path).toBe("/v1/models/a%2Fb");
    expect(provider.models.parseDescription?.(sonnet, "claude-sonnet-latest")).toMatchObject({
      id: "claude-sonnet-latest",
      contextLength: 200_000,
    });
  });
});

describe("passThrough", () => {
  it("passes chats on with their beta mark, and counts tokens here", () => {
    expect(provider.passThrough(call("chat", "beta=true&x=1"), "m", true)).toEqual({
      path: "/v1/messages?beta=true",
      modelInBody: true,
    });
    expect(provider.passThrough(call(), "m", true)?.path).toBe("/v1/messages");
    expect(provider.passThrough(call("count-tokens"), "m", false)).toBeUndefined();
  });
});
