import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../adapters/errors.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { perProtocol, PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import { call, finish, said, text, thought } from "./support/scenario.ts";
import { startScriptedProvider, type Script, type ScriptedProvider } from "./support/scripted-provider.ts";
import { checkAnswer, conform } from "./support/wire-schemas/check-answer.ts";
import { otherAnswers } from "./support/wire-schemas/other-answers.ts";

/**
 * Whatever else a client may ask, over every provider: older and second ways to chat, embeddings, lists of models, token
 * counts, and what is wrong. Each answer has the shape that the official SDK declares, and says what was meant.
 */
let provider: ScriptedProvider;
let daemon: TestDaemon;
let answer: StreamEvent[];
const script: Script = () => answer;

beforeAll(async () => {
  provider = await startScriptedProvider(script);
  const { providers, groups } = perProtocol(provider.url);
  const exact = { models: { "model-a": "openai/model-a" } };
  daemon = await startDaemon({ providers, groups: { ...groups, exact } });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  answer = said(text("Grüße "), text("🌍"));
});

interface Answered {
  status: number;
  contentType: string;
  text: string;
}

async function ask(path: string, body?: unknown, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(daemon.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...init,
  });
  const contentType = response.headers.get("content-type") ?? "";
  return { status: response.status, contentType, text: await response.text() };
}

/** Second ways to chat: their path, their body, and where their words stand. */
interface Way {
  rules: string;
  path: (stream: boolean) => string;
  body: (stream: boolean, more?: Json) => Json;
  /** A frame of a stream, or the whole answer: its text. */
  read: (frame: Json) => unknown;
  /** What ends the answer, in the last frame that says so. */
  reason: (frame: Json) => unknown;
  reasons: Record<"stop" | "length" | "content-filter", string>;
  counts: (frame: Json) => unknown;
}

const first = (list: unknown): Json => (Array.isArray(list) ? ((list[0] as Json | undefined) ?? {}) : {});
const WAYS: Way[] = [
  {
    rules: "openai completions",
    path: () => "/v1/completions",
    body: (stream, more) => ({
      model: "model-a",
      prompt: "Say hello",
      stream,
      ...(stream && { stream_options: { include_usage: true } }),
      ...more,
    }),
    read: ({ choices }) => first(choices).text,
    reason: ({ choices }) => first(choices).finish_reason,
    reasons: { stop: "stop", length: "length", "content-filter": "content_filter" },
    counts: ({ usage }) => isObject(usage) && [usage.prompt_tokens, usage.completion_tokens],
  },
  {
    rules: "gemini array",
    path: (stream) => `/v1beta/models/model-a:${stream ? "streamGenerateContent" : "generateContent"}`,
    body: (_stream, more) => ({ contents: [{ role: "user", parts: [{ text: "Say hello" }] }], ...more }),
    read: ({ candidates }) => first((first(candidates).content as Json | undefined)?.parts).text,
    reason: ({ candidates }) => first(candidates).finishReason,
    reasons: { stop: "STOP", length: "MAX_TOKENS", "content-filter": "SAFETY" },
    counts: ({ usageMetadata: usage }) =>
      isObject(usage) &&
      usage.candidatesTokenCount !== undefined && [usage.promptTokenCount, usage.candidatesTokenCount],
  },
  {
    rules: "ollama generate",
    path: () => "/api/generate",
    body: (stream, more) => ({ model: "model-a", prompt: "Say hello", stream, ...more }),
    read: ({ response }) => response,
    reason: ({ done_reason }) => done_reason,
    reasons: { stop: "stop", length: "length", "content-filter": "stop" },
    counts: (frame) => frame.done === true && [frame.prompt_eval_count, frame.eval_count],
  },
];

/** The JSON of all frames, however they are framed. */
function readFrames({ text: body }: Answered): Json[] {
  if (body.startsWith("[")) return JSON.parse(body) as Json[];
  const lines = body.split("\n").map((line) => line.replace(/^data: /, ""));
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Json);
}

describe.each(WAYS)("$rules", (way) => {
  describe.each(PROTOCOLS)("over a %s provider", (target) => {
    const chat = async (stream: boolean, more?: Json): Promise<Json[]> => {
      const answered = await ask(`/${target}${way.path(stream)}`, way.body(stream, more));
      checkAnswer(way.rules, stream ? "stream" : "whole", answered);
      expect(answered.status, answered.text).toBe(200);
      return readFrames(answered);
    };
    const textOf = (frames: Json[]): string => frames.map((frame) => way.read(frame) ?? "").join("");
    const last = (frames: Json[], read: (frame: Json) => unknown): unknown =>
      frames.map(read).findLast((value) => value != null && value !== false);

    it.each([true, false])("says all of the text, once (streamed: %s)", async (stream) => {
      const frames = await chat(stream);
      expect(textOf(frames)).toBe("Grüße 🌍");
      expect(last(frames, way.reason)).toBe(way.reasons.stop);
      expect(last(frames, way.counts)).toEqual([20, 7]);
      if (stream) expect(frames.length).toBeGreaterThan(2);
      const { request } = provider.seen.at(-1) ?? {};
      expect(request?.messages).toEqual([{ role: "user", content: [{ type: "text", text: "Say hello" }] }]);
    });

    it.each([true, false])("tells why it ends (streamed: %s)", async (stream) => {
      for (const reason of ["length", "content-filter"] as const) {
        answer = [{ type: "start" }, text("half"), finish(reason)];
        const frames = await chat(stream);
        expect(textOf(frames)).toBe("half");
        // Ollama has no word for the filter.
        const told = target === "ollama" && reason === "content-filter" ? "stop" : reason;
        expect(last(frames, way.reason)).toBe(way.reasons[told]);
      }
    });

    it.each([true, false])("may be empty (streamed: %s)", async (stream) => {
      answer = [{ type: "start" }, finish()];
      const frames = await chat(stream);
      expect(textOf(frames)).toBe("");
      expect(last(frames, way.reason)).toBe(way.reasons.stop);
    });

    it("tells an error before and inside the stream as its clients expect it", async () => {
      const error = new GatewayError("overloaded", "too busy now");
      answer = [{ type: "start" }, text("begun "), { type: "error", error }];
      const answered = await ask(`/${target}${way.path(true)}`, way.body(true));
      checkAnswer(way.rules, "stream", answered);
      expect(answered.status).toBe(200);
      expect(readFrames(answered).at(-1)?.error).toBeDefined();
      expect(answered.text).toContain("too busy now");
      const refused = await ask(`/${target}${way.path(true)}`, {
        ...way.body(true),
        stream: "perhaps",
        contents: 3,
      });
      checkAnswer(way.rules, "stream", refused);
      expect(refused.status).toBe(400);
    });
  });
});

describe.each(PROTOCOLS)("over a %s provider", (target) => {
  const generate = async (stream: boolean): Promise<Json[]> => {
    const body = { model: "model-a", prompt: "Think", stream, think: true };
    const answered = await ask(`/${target}/api/generate`, body);
    checkAnswer("ollama generate", stream ? "stream" : "whole", answered);
    return readFrames(answered);
  };

  it.each([true, false])("Ollama's generate keeps thoughts apart (streamed: %s)", async (stream) => {
    answer = said(thought("Let me "), thought("see."), text("Done."));
    const frames = await generate(stream);
    expect(frames.map(({ thinking }) => thinking ?? "").join("")).toBe("Let me see.");
    expect(frames.map(({ response }) => response).join("")).toBe("Done.");
  });

  it("a Gemini array has calls and thoughts", async () => {
    answer = said(thought("Hm."), text("I look."), ...call(0, "get_weather", '{"city":"Paris"}'));
    const answered = await ask(`/${target}/v1beta/models/model-a:streamGenerateContent`, {
      contents: [{ parts: [{ text: "weather?" }] }],
      tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: { type: "object" } }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true }, maxOutputTokens: 50_000 },
    });
    checkAnswer("gemini array", "stream", answered);
    const parts = readFrames(answered).flatMap(
      ({ candidates }) => (first(candidates).content as { parts: Json[] }).parts,
    );
    expect(parts).toContainEqual(expect.objectContaining({ text: "Hm.", thought: true }));
    expect(parts).toContainEqual(
      expect.objectContaining({
        functionCall: expect.objectContaining({ name: "get_weather", args: { city: "Paris" } }),
      }),
    );
  });

  const embeds = target !== "claude";
  const INPUT = ["one", "three"];
  const VECTORS = [
    [1, 3, 0.5],
    [2, 5, 0.5],
  ];
  /** [answer, path, body, the vectors in it]. */
  const EMBEDDINGS: [keyof typeof otherAnswers, string, Json, (json: Json) => unknown][] = [
    [
      "openai embeddings",
      "/v1/embeddings",
      { model: "model-a", input: INPUT, encoding_format: "float" },
      ({ data }) => (data as Json[]).map((item) => item.embedding),
    ],
    [
      "openai embeddings in base64",
      "/v1/embeddings",
      { model: "model-a", input: INPUT, encoding_format: "base64" },
      ({ data }) => (data as Json[]).map((item) => fromBase64(String(item.embedding))),
    ],
    [
      "gemini embeddings",
      "/v1beta/models/model-a:batchEmbedContents",
      {
        requests: INPUT.map((input) => ({ model: "models/model-a", content: { parts: [{ text: input }] } })),
      },
      ({ embeddings }) => (embeddings as Json[]).map((item) => item.values),
    ],
    ["ollama embed", "/api/embed", { model: "model-a", input: INPUT }, ({ embeddings }) => embeddings],
  ];
  it.each(EMBEDDINGS)("%s", async (schema, path, body, read) => {
    const answered = await ask(`/${target}${path}`, body);
    const client = schema.slice(0, schema.indexOf(" "));
    if (!embeds) return expectRefused(client, answered, 400);
    expect(answered.status, answered.text).toBe(200);
    const json = JSON.parse(answered.text) as Json;
    conform(otherAnswers[schema], json, `${schema} over ${target}`);
    const vectors = read(json) as number[][];
    // Ollama gives vectors of length one, as a provider and as we do in its place.
    if (client !== "ollama" && target !== "ollama") return expect(vectors).toEqual(VECTORS);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vectors.map((vector) => vector.map((value) => value / (vector[2] ?? 1)))).toEqual(
      VECTORS.map((vector) => vector.map((value) => expect.closeTo(value * 2, 4))),
    );
  });

  it.each<[keyof typeof otherAnswers, string, Json, (json: Json) => unknown]>([
    [
      "gemini embedding",
      "/v1beta/models/model-a:embedContent",
      { content: { parts: [{ text: "three" }] } },
      ({ embedding }) => (embedding as Json).values,
    ],
    [
      "ollama embeddings",
      "/api/embeddings",
      { model: "model-a", prompt: "three" },
      ({ embedding }) => embedding,
    ],
  ])("%s", async (schema, path, body, read) => {
    const answered = await ask(`/${target}${path}`, body);
    if (!embeds) return expectRefused(schema.slice(0, schema.indexOf(" ")), answered, 400);
    expect(answered.status, answered.text).toBe(200);
    const json = JSON.parse(answered.text) as Json;
    conform(otherAnswers[schema], json, `${schema} over ${target}`);
    const [x = 0, y = 0, z = 0] = read(json) as number[];
    expect([x / z, y / z]).toEqual([expect.closeTo(2, 4), expect.closeTo(10, 4)]);
    if (target !== "ollama") expect([x, y, z]).toEqual([1, 5, 0.5]);
  });

  const anthropic = { headers: { "anthropic-version": "2023-06-01" } };
  /** [answer, path, what else is sent, the names in it]. */
  const LISTS: [keyof typeof otherAnswers, string, RequestInit, (json: Json) => unknown[]][] = [
    ["openai models", "/v1/models", {}, ({ data }) => (data as Json[]).map(({ id }) => id)],
    ["openai model", "/v1/models/model-a", {}, ({ id }) => [id, "model-b"]],
    ["claude models", "/v1/models", anthropic, ({ data }) => (data as Json[]).map(({ id }) => id)],
    ["claude model", "/v1/models/model-a", anthropic, ({ id }) => [id, "model-b"]],
    ["gemini models", "/v1beta/models", {}, ({ models }) => (models as Json[]).map((item) => item.name)],
    ["gemini model", "/v1beta/models/model-a", {}, (json) => [json.name, "models/model-b"]],
    ["ollama tags", "/api/tags", {}, ({ models }) => (models as Json[]).map((item) => item.model)],
  ];
  it.each(LISTS)("%s", async (schema, path, init, read) => {
    const answered = await ask(`/${target}${path}`, undefined, init);
    expect([answered.status, answered.contentType]).toEqual([
      200,
      expect.stringContaining("application/json"),
    ]);
    const json = JSON.parse(answered.text) as Json;
    conform(otherAnswers[schema], json, `${schema} over ${target}`);
    const names = read(json).map((listed) => String(listed).replace(/^models\/|:latest$/g, ""));
    expect(names).toEqual(["model-a", "model-b"]);
  });

  it.each<[keyof typeof otherAnswers, string, unknown]>([
    ["ollama show", "/api/show", { model: "model-a" }],
    ["ollama ps", "/api/ps", undefined],
    ["ollama version", "/api/version", undefined],
  ])("%s", async (schema, path, body) => {
    const answered = await ask(`/${target}${path}`, body);
    expect(answered.status, answered.text).toBe(200);
    conform(otherAnswers[schema], JSON.parse(answered.text) as Json, `${schema} over ${target}`);
  });

  const words = "word ".repeat(300);
  it.each<[keyof typeof otherAnswers, string, Json]>([
    [
      "claude token count",
      "/v1/messages/count_tokens?beta=true",
      { model: "model-a", messages: [{ role: "user", content: words }] },
    ],
    ["openai-responses token count", "/v1/responses/input_tokens", { model: "model-a", input: words }],
    [
      "gemini token count",
      "/v1beta/models/model-a:countTokens",
      { contents: [{ parts: [{ text: words }] }] },
    ],
  ])("%s", async (schema, path, body) => {
    const answered = await ask(`/${target}${path}`, body);
    expect(answered.status, answered.text).toBe(200);
    const json = JSON.parse(answered.text) as Json;
    conform(otherAnswers[schema], json, `${schema} over ${target}`);
    const counted = Number(json.input_tokens ?? json.totalTokens);
    expect(counted).toBeGreaterThan(250);
    expect(counted).toBeLessThan(400);
  });

  /** [client, what is wrong, path, body, status]. */
  const WRONG: [
    client: ProtocolName,
    what: string,
    path: string,
    body: unknown,
    status: number,
    init?: RequestInit,
  ][] = [
    ["openai", "no JSON", "/v1/chat/completions", "{", 400],
    ["openai", "no messages", "/v1/chat/completions", { model: "model-a" }, 400],
    ["openai", "no model to embed with", "/v1/embeddings", { input: "x" }, 400],
    ["openai", "an unknown path", "/v1/chat/nothing", {}, 404],
    ["openai-responses", "no JSON", "/v1/responses", "{", 400],
    ["openai-responses", "a wrong input", "/v1/responses", { model: "model-a", input: 3 }, 400],
    ["openai-responses", "an answer that is not kept", "/v1/responses/resp_none", undefined, 404],
    ["claude", "no JSON", "/v1/messages", "{", 400],
    ["claude", "wrong messages", "/v1/messages", { model: "model-a", max_tokens: 9, messages: "hi" }, 400],
    [
      "claude",
      "wrong messages to count",
      "/v1/messages/count_tokens",
      { model: "model-a", messages: 3 },
      400,
    ],
    ["gemini", "no JSON", "/v1beta/models/model-a:generateContent", "{", 400],
    ["gemini", "wrong contents", "/v1beta/models/model-a:generateContent", { contents: 3 }, 400],
    [
      "gemini",
      "wrong contents of an array",
      "/v1beta/models/model-a:streamGenerateContent",
      { contents: 3 },
      400,
    ],
    ["gemini", "wrong contents to count", "/v1beta/models/model-a:countTokens", { contents: 3 }, 400],
    ["claude", "an unknown path", "/v1/messages/nothing", {}, 404],
    ["gemini", "an unknown path", "/v1beta/nothing", {}, 404],
    ["ollama", "no JSON", "/api/chat", "{", 400],
    ["ollama", "wrong messages", "/api/chat", { model: "model-a", messages: 3 }, 400],
    ["ollama", "a wrong prompt", "/api/generate", { model: "model-a", prompt: 3 }, 400],
  ];
  it.each(WRONG)("%s client: %s", async (client, _what, path, body, status, init) => {
    expectRefused(client, await ask(`/${target}${path}`, body, init), status);
  });
});

describe("a model that is not there", () => {
  it.each<[ProtocolName, string, unknown, RequestInit?]>([
    ["openai", "/v1/chat/completions", { model: "none", messages: [{ role: "user", content: "hi" }] }],
    ["openai", "/v1/completions", { model: "none", prompt: "hi" }],
    ["openai", "/v1/embeddings", { model: "none", input: "hi" }],
    ["openai", "/v1/models/none", undefined],
    ["openai-responses", "/v1/responses", { model: "none", input: "hi" }],
    ["claude", "/v1/messages", { model: "none", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }],
    ["claude", "/v1/models/none", undefined, { headers: { "anthropic-version": "2023-06-01" } }],
    ["gemini", "/v1beta/models/none:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }],
    ["gemini", "/v1beta/models/none:embedContent", { content: { parts: [{ text: "hi" }] } }],
    ["gemini", "/v1beta/models/none", undefined],
    ["ollama", "/api/chat", { model: "none", messages: [{ role: "user", content: "hi" }] }],
    ["ollama", "/api/generate", { model: "none", prompt: "hi" }],
    ["ollama", "/api/embed", { model: "none", input: "hi" }],
    ["ollama", "/api/show", { model: "none" }],
  ])("is told to a %s client at %s", async (client, path, body, init) => {
    const answered = await ask(`/exact${path}`, body, init);
    expectRefused(client, answered, 404);
    expect(answered.text).toContain("none");
  });
});

/** An error in the client's own shape. */
function expectRefused(client: string, answered: Answered, status: number): void {
  expect(answered.status, answered.text).toBe(status);
  // Where a stream without events was asked for, Gemini's error is the one item of an array.
  if (answered.text.startsWith("[")) checkAnswer(`${client} array`, "stream", answered);
  else checkAnswer(client, "whole", answered);
}

function fromBase64(value: string): number[] {
  const bytes = Buffer.from(value, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
