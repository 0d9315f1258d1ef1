import { describe, expect, it } from "vitest";
import { parseError } from "../../../adapters/ollama/parse-error.ts";

describe("parseError", () => {
  it.each([
    [
      400,
      "registry.ollama.ai/library/m:latest does not support tools",
      "invalid-request",
      "tools_not_supported",
    ],
    [400, '"m" does not support thinking', "invalid-request", "thinking_not_supported"],
    [400, "the input length exceeds the context length", "invalid-request", "context_length_exceeded"],
    [404, "model 'm' not found", "not-found", "model_not_found"],
    [500, 'option "stop" must be of type array', "invalid-request", undefined],
    [503, "server busy, please try again.  maximum pending requests exceeded", "overloaded", undefined],
    [429, "you have reached your weekly usage limit", "rate-limit", "insufficient_quota"],
    [429, "too many concurrent requests", "rate-limit", undefined],
    [401, "unauthorized", "upstream-auth", undefined],
    [500, "llama runner process has terminated", "upstream", undefined],
  ])("reads %i %s", (status, text, kind, code) => {
    const error = parseError(status, JSON.stringify({ error: text }), { "retry-after": "3" });
    expect(error).toMatchObject({ kind, message: text, upstreamStatus: status, retryAfterMs: 3000 });
    expect(error.code).toBe(code);
  });

  it("makes a sentence of a page or of nothing", () => {
    expect(parseError(502, "<html>Bad gateway</html>", {}).message).toContain("502");
    expect(parseError(404, "404 page not found", {}).kind).toBe("not-found");
  });
});
