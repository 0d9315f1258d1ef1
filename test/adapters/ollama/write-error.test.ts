import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { parseEmbedRequest } from "../../../adapters/ollama/embeddings.ts";
import { parseError } from "../../../adapters/ollama/parse-error.ts";
import { writeError } from "../../../adapters/ollama/write-error.ts";
import { toCall } from "./fixtures.ts";

const textOf = (error: GatewayError, call = toCall("chat")): string =>
  (JSON.parse(writeError(error, call).body) as { error: string }).error;

describe("writeError", () => {
  const unknown = new GatewayError("not-found", "group 'default' has no such alias", {
    code: "model_not_found",
    param: "foo",
  });

  it.each([
    [toCall("chat"), "model 'foo' not found (group 'default' has no such alias)"],
    [toCall("generate"), "model 'foo' not found (group 'default' has no such alias)"],
    [toCall("show", { job: "manage" }), "model 'foo:latest' not found (group 'default' has no such alias)"],
    [
      toCall("embed", { job: "embed" }),
      "model \"foo\" not found, try pulling it first (group 'default' has no such alias)",
    ],
  ])("words an unknown model as the route does", (call, text) => {
    expect(textOf(unknown, call)).toBe(text);
    expect(writeError(unknown, call).status).toBe(404);
  });

  it("does not say Ollama's words twice", () => {
    const said = new GatewayError("not-found", "model 'foo' not found", {
      code: "model_not_found",
      param: "foo",
    });
    expect(textOf(said)).toBe("model 'foo' not found");
  });

  it("says a provider's word of an unknown model as it is", () => {
    const said = new GatewayError("not-found", "no such model there", { code: "model_not_found" });
    expect(textOf(said)).toBe("no such model there");
  });

  it("takes no provider's field for the model's name", () => {
    const said = new GatewayError("not-found", "no such model there", {
      code: "model_not_found",
      param: "model",
      upstreamStatus: 404,
    });
    expect(textOf(said)).toBe("no such model there");
  });

  it.each(["chat", "generate", "show"])("hands on what a real Ollama says of its cloud (%s)", (variant) => {
    const url = "https://ollama.com/connect?name=box&key=QUJD";
    const body = `{"error":"unauthorized","signin_url":"${url.replace("&", "\\u0026")}"}`;
    const refused = writeError(parseError(401, body, {}), toCall(variant));
    expect([refused.status, refused.body]).toEqual([401, body]);
    const off = { error: "ollama cloud is disabled: remote model is unavailable" };
    const disabled = writeError(parseError(403, JSON.stringify(off), {}), toCall(variant));
    expect([disabled.status, disabled.body]).toEqual([403, JSON.stringify(off)]);
    // A key of ours that a provider refuses is no matter of the client's.
    expect(writeError(parseError(401, '{"error":"unauthorized"}', {}), toCall(variant)).status).toBe(502);
  });

  it("says that a text is too long to embed in Ollama's words", () => {
    const error = new GatewayError("invalid-request", "at most 8192 tokens", {
      code: "context_length_exceeded",
    });
    const told = writeError(error, toCall("embed", { job: "embed" }));
    expect([told.status, told.body]).toEqual([
      400,
      '{"error":"the input length exceeds the context length (at most 8192 tokens)"}',
    ]);
    expect(textOf(error)).toBe("at most 8192 tokens");
  });

  it("answers unknown paths and methods in plain text", () => {
    const missing = new GatewayError("not-found", "no route", { code: "route_not_found" });
    expect(writeError(missing, toCall("chat"))).toEqual({
      status: 404,
      headers: { "content-type": "text/plain" },
      body: "404 page not found",
    });
    const method = new GatewayError("method-not-allowed", "x", { param: "GET, HEAD" });
    expect(writeError(method, toCall("chat"))).toEqual({
      status: 405,
      headers: { "content-type": "text/plain", allow: "GET, HEAD" },
      body: "405 method not allowed",
    });
  });

  it("speaks of no body like Ollama", () => {
    expect(textOf(new GatewayError("invalid-request", "empty", { code: "empty_body" }))).toBe(
      "missing request body",
    );
  });

  it("carries status, content type and retry-after", () => {
    const busy = writeError(
      new GatewayError("rate-limit", "slow down", { retryAfterMs: 1200 }),
      toCall("chat"),
    );
    expect(busy).toEqual({
      status: 429,
      headers: { "content-type": "application/json", "retry-after": "2" },
      body: '{"error":"slow down"}',
    });
    const typeOf = (error: GatewayError, call = toCall("chat")) =>
      writeError(error, call).headers["content-type"];
    expect(typeOf(new GatewayError("invalid-request", "x"))).toBe("application/json; charset=utf-8");
    // Embeddings are no stream that could have been begun.
    const call = toCall("embed", { job: "embed" });
    expect(typeOf(new GatewayError("upstream", "x"), call)).toBe("application/json; charset=utf-8");
  });

  it("words a missing model of the embedding routes", () => {
    const thrown = (variant: string) => {
      try {
        parseEmbedRequest({}, toCall(variant, { job: "embed" }));
      } catch (error) {
        const { status, body } = writeError(error as GatewayError, toCall(variant, { job: "embed" }));
        return [status, body];
      }
      return [];
    };
    expect(thrown("embed")).toEqual([404, `{"error":"model '' not found"}`]);
    expect(thrown("embeddings")).toEqual([400, '{"error":"model is required"}']);
  });
});
