import { expect, it } from "vitest";
import { provider } from "./load.ts";

it("models with what different servers add", () => {
  const body = {
    data: [
      { id: "gpt", created: 1_700_000_000, owned_by: "openai" },
      { id: "or", name: "Or Model", context_length: 8192 },
      { id: "vllm", max_model_len: 4096, created: "x" },
      {},
      null,
    ],
  };
  expect(provider.models.parseList(body)).toMatchObject([
    { id: "gpt", createdAt: 1_700_000_000_000, ownedBy: "openai" },
    { id: "or", displayName: "Or Model", contextLength: 8192 },
    { id: "vllm", contextLength: 4096 },
  ]);
  expect(provider.models.parseList("<html>")).toEqual([]);
});

it("embeddings in order, as numbers or base64", () => {
  const request = { model: "e", input: ["a", "b"], dimensions: 2 };
  expect(provider.embeddings?.build(request).body).toEqual({
    model: "e",
    input: ["a", "b"],
    dimensions: 2,
    encoding_format: "float",
  });
  const base64 = Buffer.from(new Float32Array([0.5, -1]).buffer).toString("base64");
  const data = [
    { index: 1, embedding: base64 },
    { index: 0, embedding: [1, 2] },
  ];
  expect(provider.embeddings?.parse({ data, usage: { prompt_tokens: 4 } }, request)).toEqual({
    vectors: [
      [1, 2],
      [0.5, -1],
    ],
    inputTokens: 4,
  });
  expect(() => provider.embeddings?.parse({ data: [] }, request)).toThrow(/no embedding for input 0/);
});
