import { describe, expect, it } from "vitest";
import { openai } from "../../../adapters/openai/index.ts";
import { makeCall } from "./load.ts";
import type { EmbedRequest } from "../../../adapters/unified.ts";

const { client, provider } = openai;
const call = makeCall();
const parse = (body: unknown) => client?.embeddings?.parse(body, call);
const write = (vectors: number[][], request: EmbedRequest) =>
  client?.embeddings?.write({ vectors, inputTokens: 3 }, request, { call, elapsedMs: 1 });

describe("embeddings", () => {
  it.each([
    ["hi", ["hi"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [[1, 2], [[1, 2]]],
    [
      [[1, 2], [3]],
      [[1, 2], [3]],
    ],
  ])("reads the input %j", (input, expected) => {
    expect(parse({ model: "m", input, dimensions: 2, encoding_format: "base64", user: "u" })).toEqual({
      model: "m",
      input: expected,
      dimensions: 2,
      encoding: "base64",
      extra: { openai: { user: "u" } },
    });
  });

  it.each([
    [{ model: "m" }, "input"],
    [{ model: "m", input: [] }, "input"],
    [{ model: "m", input: ["a", 3] }, "input[1]"],
    [{ model: "m", input: "a", encoding_format: "int8" }, "encoding_format"],
  ])("names the mistake in %j", (body, place) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ kind: "invalid-request", param: place }));
  });

  it("writes floats, or little-endian base64", () => {
    const request: EmbedRequest = { model: "m", input: ["a"] };
    expect(write([[0.5, -2]], request)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -2] }],
      model: "m",
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    expect(write([[0.5, -2]], { ...request, encoding: "base64" })).toMatchObject({
      data: [{ embedding: "AAAAPwAAAMA=" }],
    });
  });

  it("asks a provider for floats and reads its answer in order", () => {
    const request: EmbedRequest = { model: "m", input: ["a", "b"], encoding: "base64" };
    expect(provider.embeddings?.build(request)).toEqual({
      method: "POST",
      path: "/v1/embeddings",
      body: { model: "m", input: ["a", "b"], encoding_format: "float" },
    });
    const body = {
      data: [
        { index: 1, embedding: [2] },
        { index: 0, embedding: "AAAAPw==" },
      ],
      usage: { prompt_tokens: 3 },
    };
    expect(provider.embeddings?.parse(body, request)).toEqual({ vectors: [[0.5], [2]], inputTokens: 3 });
  });

  it.each([null, {}, { data: [] }, { data: [{ embedding: null }, { embedding: [1] }] }])(
    "refuses the answer %j",
    (body) => {
      expect(() => provider.embeddings?.parse(body, { model: "m", input: ["a", "b"] })).toThrow(
        expect.objectContaining({ kind: "upstream" }),
      );
    },
  );
});

describe("models", () => {
  it("writes the list and one model", () => {
    const model = {
      id: "vendor/some:7b",
      createdAt: 1_750_000_000_000,
      ownedBy: "vendor",
      contextLength: 4096,
    };
    const wire = {
      id: "vendor/some:7b",
      object: "model",
      created: 1_750_000_000,
      owned_by: "vendor",
      context_length: 4096,
    };
    expect(client?.models?.writeList([model], call)).toEqual({ object: "list", data: [wire] });
    expect(client?.models?.writeOne(model, call)).toEqual(wire);
    expect(client?.models?.writeList([], call)).toEqual({ object: "list", data: [] });
  });

  it("finds a model's name in the path, slashes and all", () => {
    const route = client?.routes.find(({ job }) => job === "model");
    const path = route?.path instanceof RegExp ? route.path : /$^/;
    expect(path.exec("/v1/models/vendor/some:7b")?.groups).toEqual({ model: "vendor/some:7b" });
    expect(path.exec("/v1/models/vendor%2Fsome")?.groups).toEqual({ model: "vendor%2Fsome" });
    expect(path.exec("/v1/models")).toBeNull();
  });

  it.each([
    [
      "OpenRouter",
      {
        data: [
          {
            id: "a/b",
            name: "A: B",
            created: 5,
            context_length: 100,
            architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
            top_provider: { max_completion_tokens: 50 },
            supported_parameters: ["tools", "reasoning"],
          },
        ],
      },
      {
        id: "a/b",
        displayName: "A: B",
        createdAt: 5000,
        contextLength: 100,
        maxOutputTokens: 50,
        capabilities: ["completion", "tools", "vision", "thinking"],
      },
    ],
    [
      "a model without tools",
      { data: [{ id: "a", supported_parameters: ["temperature"] }] },
      { id: "a", capabilities: ["completion"] },
    ],
    [
      "Groq",
      { data: [{ id: "a", owned_by: "Meta", context_window: 8192, max_completion_tokens: 4096 }] },
      { id: "a", ownedBy: "Meta", contextLength: 8192, maxOutputTokens: 4096 },
    ],
    ["vLLM", { data: [{ id: "a", max_model_len: 4096 }] }, { id: "a", contextLength: 4096 }],
    [
      "Mistral",
      {
        data: [
          {
            id: "a",
            max_context_length: 9,
            capabilities: { completion_chat: true, function_calling: true, vision: false },
          },
        ],
      },
      { id: "a", contextLength: 9, capabilities: ["completion", "tools"] },
    ],
    ["Together", [{ id: "a", display_name: "A" }], { id: "a", displayName: "A" }],
  ])("reads the list of %s", (_, body, expected) => {
    const [model] = provider.models.parseList(body);
    expect(model).toEqual({ ...expected, native: { protocol: "openai", body: expect.anything() } });
  });

  it.each([null, "x", {}, { data: [null, 3, {}] }])("reads nothing from %j", (body) => {
    expect(provider.models.parseList(body)).toEqual([]);
  });
});
