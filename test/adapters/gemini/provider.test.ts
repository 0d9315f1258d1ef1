import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { gemini } from "../../../adapters/gemini/index.ts";
import { createMatcher } from "../../../server/match.ts";
import { call } from "./fixtures.ts";

const { client, provider } = gemini;
const find = createMatcher([gemini]);
const match = (method: string, path: string, query = "", headers = {}) => {
  const found = find(method, path, new URLSearchParams(query), headers);
  if (!("found" in found)) return undefined;
  return [found.found.call.job, found.found.call.variant, found.found.call.params.model];
};

describe("routes", () => {
  it.each([
    ["/v1beta/models/gemini-2.5-pro:generateContent", "generate", "gemini-2.5-pro"],
    ["/v1/models/vendor/some-model:7b:streamGenerateContent", "stream", "vendor/some-model:7b"],
    ["/v1alpha/models/vendor%2Fsome-model%3A7b%3AgenerateContent", "generate", "vendor/some-model:7b"],
    ["/v1beta/models/a/b:c/generateContent", "generate", "a/b:c"],
    ["/v1beta/tunedModels/x:streamGenerateContent", "stream", "tunedModels/x"],
    ["/v1beta/models/generateContent:generateContent", "generate", "generateContent"],
  ])("%s", (path, variant, model) => {
    expect(match("POST", path)).toEqual(["chat", variant, model]);
  });

  it("knows the other actions and the lists", () => {
    expect(match("POST", "/v1beta/models/m:countTokens")).toEqual(["count-tokens", "count", "m"]);
    expect(match("POST", "/v1beta/models/m:embedContent")).toEqual(["embed", "embed", "m"]);
    expect(match("POST", "/v1beta/models/m:batchEmbedContents")).toEqual(["embed", "batch-embed", "m"]);
    expect(match("GET", "/v1beta/models")).toEqual(["models", undefined, undefined]);
    expect(match("GET", "/v1beta/models/a/b:c")).toEqual(["model", undefined, "a/b:c"]);
  });

  it("claims /v1/models only from Google's clients, and nothing else below /v1", () => {
    for (const path of ["/v1/models", "/v1/models/m"]) {
      expect(match("GET", path)).toBeUndefined();
      expect(match("GET", path, "key=x")?.[0]).toMatch(/^model/);
      expect(match("GET", path, "", { "x-goog-api-key": "x" })?.[0]).toMatch(/^model/);
      expect(match("GET", path, "", { "x-goog-api-client": "x" })?.[0]).toMatch(/^model/);
    }
    for (const path of ["/v1/messages", "/v1/responses/x", "/v1/files", "/v1/chat/completions"]) {
      expect(match("GET", path, "key=x")).toBeUndefined();
      expect(match("POST", path, "key=x")).toBeUndefined();
    }
  });
});

describe("passThrough", () => {
  const { passThrough } = provider;
  it("names the model in the path and keeps the query, but not the client's key", () => {
    expect(passThrough(call("stream", "alt=sse&key=secret&prettyPrint=false"), "models/a/b:c", true)).toEqual(
      {
        path: "/v1beta/models/a/b%3Ac:streamGenerateContent?alt=sse&prettyPrint=false",
        modelInBody: false,
      },
    );
    expect(passThrough(call("generate", "key=secret"), "m", false)).toEqual({
      path: "/v1beta/models/m:generateContent",
      modelInBody: false,
    });
  });

  it("has none for arrays, token counts and embeddings", () => {
    expect(passThrough(call("stream", ""), "m", true)).toBeUndefined();
    expect(passThrough(call("count"), "m", false)).toBeUndefined();
    expect(passThrough(call("embed"), "m", false)).toBeUndefined();
  });
});

describe("parseError", () => {
  const google = (code: number, message: string, status: string) =>
    provider.parseError(code, JSON.stringify([{ error: { code, message, status } }]), {});
  it.each([
    [400, "Request contains an invalid argument.", "INVALID_ARGUMENT", "invalid-request", undefined],
    [400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", "upstream-auth", undefined],
    [
      400,
      "User location is not supported for the API use.",
      "FAILED_PRECONDITION",
      "upstream-auth",
      undefined,
    ],
    [
      400,
      "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
      "INVALID_ARGUMENT",
      "invalid-request",
      "context_length_exceeded",
    ],
    [403, "Permission denied", "PERMISSION_DENIED", "upstream-auth", undefined],
    [404, "models/x is not found", "NOT_FOUND", "not-found", undefined],
    [429, "You exceeded your current quota", "RESOURCE_EXHAUSTED", "rate-limit", undefined],
    [500, "An internal error has occurred.", "INTERNAL", "upstream", undefined],
    [503, "The model is overloaded.", "UNAVAILABLE", "overloaded", undefined],
    [504, "Deadline expired", "DEADLINE_EXCEEDED", "timeout", undefined],
  ])("%i %s", (status, message, word, kind, code) => {
    expect(google(status, message, word)).toMatchObject({ kind, message, code, upstreamStatus: status });
  });

  it("reads waiting times and other shapes, and shows no keys", () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "13.5s" }];
    const body = JSON.stringify({
      error: { code: 429, message: "m", status: "RESOURCE_EXHAUSTED", details },
    });
    expect(provider.parseError(429, body, {}).retryAfterMs).toBe(13_500);
    expect(provider.parseError(502, "<html>", {})).toMatchObject({
      kind: "upstream",
      message: expect.stringContaining("502"),
    });
    expect(provider.parseError(429, '{"error":{"type":"insufficient_quota","message":"m"}}', {}).code).toBe(
      "insufficient_quota",
    );
    const leak = provider.parseError(400, '{"error":"key AIzaSyA1234567890abcdefg is wrong"}', {}).message;
    expect(leak).not.toContain("1234567890");
  });
});

describe("models", () => {
  const { models } = provider;
  it("reads Google's list and imitations of it", () => {
    const item = {
      name: "models/gemini-2.5-pro",
      displayName: "Gemini 2.5 Pro",
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ["generateContent", "countTokens", "createCachedContent"],
      thinking: true,
    };
    const embedding = { name: "models/gemini-embedding-001", supportedGenerationMethods: ["embedContent"] };
    expect(models.parseList({ models: [item, embedding, 5, {}] })).toEqual([
      {
        id: "gemini-2.5-pro",
        displayName: "Gemini 2.5 Pro",
        contextLength: 1_048_576,
        maxOutputTokens: 65_536,
        capabilities: ["completion", "tools", "vision", "thinking"],
        native: { protocol: "gemini", body: item },
      },
      {
        id: "gemini-embedding-001",
        capabilities: ["embedding"],
        native: { protocol: "gemini", body: embedding },
      },
    ]);
    expect(models.parseList({ data: [{ id: "a" }] })).toMatchObject([{ id: "a" }]);
    expect(models.parseList({})).toEqual([]);
    expect(() => models.parseList("x")).toThrow(GatewayError);
    expect(models.parseDescription?.(item, "models/gemini-2.5-pro").id).toBe("models/gemini-2.5-pro");
    expect(models.describe?.("a/b")).toEqual({ method: "GET", path: "/v1beta/models/a/b" });
  });

  it("lists with what is known, and actions that are served", () => {
    const body = {
      name: "models/x",
      version: "3",
      baseModelId: "x",
      supportedGenerationMethods: ["createCachedContent"],
    };
    const model = { id: "mine", contextLength: 10, capabilities: ["completion", "thinking"] };
    expect(
      client?.models?.writeList(
        [
          { ...model, native: { protocol: "gemini", body } },
          { id: "e", capabilities: ["embedding"] },
        ],
        call(),
      ),
    ).toEqual({
      models: [
        {
          name: "models/mine",
          displayName: "mine",
          description: "mine",
          version: "3",
          inputTokenLimit: 10,
          supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
          thinking: true,
        },
        {
          name: "models/e",
          displayName: "e",
          description: "e",
          version: "001",
          supportedGenerationMethods: ["embedContent", "batchEmbedContents"],
        },
      ],
    });
    expect(client?.writeTokenCount?.(5, call("count"))).toEqual({ totalTokens: 5 });
  });
});

describe("embeddings", () => {
  const { parse, write: put } = client?.embeddings ?? {};
  const own = { parse, write: put, build: provider.embeddings?.build, read: provider.embeddings?.parse };
  const content = (...texts: string[]) => ({ parts: texts.map((text) => ({ text })) });

  it("reads one content or several requests, and sends them as they were", () => {
    const one = {
      model: "models/x",
      content: content("a", "b"),
      taskType: "RETRIEVAL_QUERY",
      output_dimensionality: 8,
    };
    const single = own.parse?.(one, call("embed"));
    expect(single).toEqual({
      model: "asked-for",
      input: ["a\nb"],
      dimensions: 8,
      extra: {
        gemini: {
          requests: [{ taskType: "RETRIEVAL_QUERY", content: content("a", "b"), outputDimensionality: 8 }],
        },
      },
    });
    const two = own.parse?.(
      { requests: [one, { content: "c", outputDimensionality: 8 }] },
      call("batch-embed"),
    );
    expect(two && own.build?.({ ...two, model: "e" })).toEqual({
      method: "POST",
      path: "/v1beta/models/e:batchEmbedContents",
      body: {
        requests: [
          {
            model: "models/e",
            content: content("a", "b"),
            taskType: "RETRIEVAL_QUERY",
            outputDimensionality: 8,
          },
          { model: "models/e", content: content("c"), outputDimensionality: 8 },
        ],
      },
    });
  });

  it("refuses what cannot be embedded", () => {
    const refuse = (body: unknown) =>
      expect(() => own.parse?.(body, call("batch-embed"))).toThrow(
        expect.objectContaining({ kind: "invalid-request" }),
      );
    refuse({});
    refuse({ requests: [] });
    refuse({ requests: [{}] });
    refuse({ requests: [{ content: "a", outputDimensionality: "many" }] });
    expect(() => own.build?.({ model: "e", input: [[1]] })).toThrow(
      expect.objectContaining({ kind: "unsupported" }),
    );
  });

  it("keeps for Gemini what only Gemini can embed, and says so", () => {
    const picture = { parts: [{ text: "a" }, { inlineData: { mimeType: "image/png", data: "AA==" } }] };
    const requests = [
      { content: picture, outputDimensionality: "8" },
      { content: content("b"), outputDimensionality: 16 },
    ];
    const asked = own.parse?.({ requests }, call("batch-embed"));
    expect(asked).toMatchObject({ input: ["a\n[image/png]", "b"] });
    expect(asked?.dimensions).toBeUndefined();
    expect(asked?.nativeOnly).toContain("outputDimensionality");
    expect(own.parse?.({ content: picture }, call("embed")).nativeOnly).toContain("content.parts[1]");
    expect(asked && own.build?.({ ...asked, model: "e" }).body).toEqual({
      requests: [
        { model: "models/e", content: picture, outputDimensionality: 8 },
        { model: "models/e", content: content("b"), outputDimensionality: 16 },
      ],
    });
  });

  it("is made in pieces that Gemini takes, each with its own words", () => {
    const input = Array.from({ length: 201 }, (_, index) => String(index));
    const requests = input.map((text) => ({ content: content(text), title: text }));
    const asked = own.parse?.({ requests }, call("batch-embed"));
    const pieces = asked && provider.embeddings?.split?.(asked);
    expect(pieces?.map((piece) => piece.input.length)).toEqual([100, 100, 1]);
    expect(pieces?.flatMap((piece) => own.build?.(piece).body?.requests ?? [])).toMatchObject(requests);
    const plain = provider.embeddings?.split?.({ model: "e", input: input.slice(0, 100) });
    expect(plain).toEqual([{ model: "e", input: input.slice(0, 100) }]);
  });

  it("reads and writes vectors", () => {
    const asked = { model: "e", input: ["a", "b"] };
    const vectors = [[1, 2], [3]];
    const embeddings = vectors.map((values) => ({ values }));
    expect(own.read?.({ embeddings }, asked)).toMatchObject({ vectors });
    expect(() => own.read?.({ embeddings: embeddings.slice(1) }, asked)).toThrow(GatewayError);
    const write = (variant: string, more: object = {}) =>
      own.write?.({ vectors, ...more }, asked, { call: call(variant), elapsedMs: 1 });
    expect(write("batch-embed")).toEqual({ embeddings });
    expect(write("embed", { inputTokens: 3 })).toEqual({
      embedding: { values: [1, 2] },
      usageMetadata: { promptTokenCount: 3, promptTokenDetails: [{ modality: "TEXT", tokenCount: 3 }] },
    });
  });

  it("gives Gemini's clients all that a Gemini provider said", () => {
    const usageMetadata = { promptTokenCount: 4, promptTokenDetails: [{ modality: "IMAGE", tokenCount: 4 }] };
    const embeddings = [{ values: [1], shape: [1] }];
    const result = own.read?.({ embeddings, usageMetadata }, { model: "e", input: ["a"] });
    const write = (variant: string) =>
      result && own.write?.(result, { model: "e", input: ["a"] }, { call: call(variant), elapsedMs: 1 });
    expect(result?.inputTokens).toBe(4);
    expect(write("batch-embed")).toEqual({ embeddings, usageMetadata });
    expect(write("embed")).toEqual({ embedding: embeddings[0], usageMetadata });
  });
});
