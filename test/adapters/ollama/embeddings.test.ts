import { describe, expect, it } from "vitest";
import {
  answerEmbedDirectly,
  buildEmbedRequest,
  parseEmbedRequest,
  parseEmbedResponse,
  writeEmbedResponse,
} from "../../../adapters/ollama/embeddings.ts";
import { toCall } from "./fixtures.ts";

const embed = toCall("embed", { job: "embed" });
const old = toCall("embeddings", { job: "embed" });

describe("embeddings for clients", () => {
  it("reads one input, many, and the old prompt", () => {
    expect(parseEmbedRequest({ model: "m", input: "a" }, embed).input).toEqual(["a"]);
    expect(parseEmbedRequest({ model: "m", input: ["a", ""] }, embed).input).toEqual(["a", ""]);
    expect(parseEmbedRequest({ model: "m", prompt: "a" }, old).input).toEqual(["a"]);
    expect(parseEmbedRequest({ model: "m", input: "a", truncate: false, dimensions: 2 }, embed)).toEqual({
      model: "m",
      input: ["a"],
      dimensions: 2,
      extra: { ollama: { truncate: false } },
    });
    expect(() => parseEmbedRequest({ model: "m", input: [1, 2] }, embed)).toThrow("invalid input type");
  });

  it("answers nothing with nothing, without a provider", () => {
    const answer = (body: object, call = embed) => answerEmbedDirectly(parseEmbedRequest(body, call), call);
    expect(answer({ model: "m", input: "" })).toEqual({ model: "m", embeddings: [] });
    expect(answer({ model: "m" })).toEqual({ model: "m", embeddings: [] });
    expect(answer({ model: "m", prompt: "" }, old)).toEqual({ embedding: [] });
    expect(answer({ model: "m", input: [""] })).toBeUndefined();
  });

  it("normalises and cuts vectors, the old route does not", () => {
    const request = { model: "m", input: ["a"], dimensions: 2 };
    const result = { vectors: [[3, 4, 12]], inputTokens: 3 };
    expect(writeEmbedResponse(result, request, { call: embed, elapsedMs: 2 })).toEqual({
      model: "m",
      embeddings: [[0.6, 0.8]],
      total_duration: 2_000_000,
      load_duration: 1,
      prompt_eval_count: 3,
    });
    expect(writeEmbedResponse(result, request, { call: old, elapsedMs: 2 })).toEqual({
      embedding: [3, 4, 12],
    });
  });
});

describe("numbers of a vector", () => {
  it("are of single precision where they were calculated, else as they came", () => {
    const answer = (vectors: number[][]) =>
      (
        writeEmbedResponse({ vectors }, { model: "m", input: ["a"] }, { call: embed, elapsedMs: 0 }) as {
          embeddings: number[][];
        }
      ).embeddings[0];
    expect(answer([[1, 2, 3]])).toEqual([0.26726124, 0.5345225, 0.80178374]);
    expect(answer([[0, 1e-9, 1]])).toEqual([0, 1e-9, 1]);
    const exact = [0.6000000000000001, 0.7999999999999999];
    expect(answer([exact])).toEqual(exact);
    expect(answer([[0, 0]])).toEqual([0, 0]);
  });
});

describe("embeddings from a provider", () => {
  it("asks /api/embed and reads its answer", () => {
    const request = { model: "m", input: ["a", "b"], extra: { ollama: { truncate: false } } };
    expect(buildEmbedRequest(request)).toEqual({
      method: "POST",
      path: "/api/embed",
      body: { truncate: false, model: "m", input: ["a", "b"] },
    });
    expect(parseEmbedResponse({ embeddings: [[1], [2]], prompt_eval_count: 4 }, request)).toEqual({
      vectors: [[1], [2]],
      inputTokens: 4,
    });
    expect(() => parseEmbedResponse({ embeddings: [[1]] }, request)).toThrow("one embedding for each input");
    expect(() => buildEmbedRequest({ model: "m", input: [[1]] })).toThrow("token lists");
  });
});
