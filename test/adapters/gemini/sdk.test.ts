import { GoogleGenAI, type Content } from "@google/genai";
import { afterEach, describe, expect, it, vi } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { gemini } from "../../../adapters/gemini/index.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";
import { createMatcher } from "../../../server/match.ts";
import { context, weather } from "./fixtures.ts";

const match = createMatcher([gemini]);
const seen: UnifiedRequest[] = [];

/** The official SDK in front of our client face; the provider is the events given. */
const connect = (...turns: StreamEvent[][]): GoogleGenAI["models"] => open(...turns).models;

/** One turn's events for each request; the last is given again. */
function open(...turns: StreamEvent[][]): GoogleGenAI {
  vi.stubGlobal("fetch", (input: string | URL | Request, init?: RequestInit) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    const headers = Object.fromEntries(new Headers(init?.headers));
    const result = match(init?.method ?? "GET", pathname, searchParams, headers);
    if (!("found" in result)) throw new Error(`no route for ${pathname}`);
    const { face, call } = result.found;
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
    const events = turns[Math.min(seen.length, turns.length - 1)] ?? [];
    const [first] = events;
    if (first?.type === "error") {
      const error = face.writeError(first.error, call);
      return Promise.resolve(new Response(error.body, error));
    }
    if (call.job === "model")
      return Promise.resolve(Response.json(face.models?.writeOne({ id: "a", contextLength: 7 }, call)));
    if (call.job === "models")
      return Promise.resolve(Response.json(face.models?.writeList([{ id: "a" }], call)));
    if (call.job === "count-tokens") return Promise.resolve(Response.json(face.writeTokenCount?.(5, call)));
    if (call.job === "embed") {
      const asked = face.embeddings?.parse(body, call);
      const vectors = asked?.input.map((_text, index) => [index, asked.dimensions ?? 0]) ?? [];
      return Promise.resolve(
        Response.json(asked && face.embeddings?.write({ vectors }, asked, { call, elapsedMs: 1 })),
      );
    }
    const request = face.parseRequest(body, call);
    seen.push(request);
    const to = { ...context({}, call), request };
    if (!request.stream) return Promise.resolve(Response.json(face.writeResponse(foldEvents(events), to)));
    const writer = face.createStreamWriter(to);
    const text =
      (face.keepAlive ?? "") +
      events.map((event) => writer.push([event]) + face.keepAlive).join("") +
      writer.end();
    return Promise.resolve(new Response(text, { headers: face.streamHeaders(call) }));
  });
  return new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl: "http://localhost" } });
}
afterEach(() => {
  vi.unstubAllGlobals();
  seen.length = 0;
});

const model = "vendor/m:7b";
const finish: StreamEvent = { type: "finish", reason: "stop", usage: { inputTokens: 2, outputTokens: 3 } };
const text: StreamEvent[] = [
  { type: "start" },
  { type: "thinking-delta", text: "hm" },
  { type: "text-delta", text: "Hello" },
  { type: "text-delta", text: "!" },
  finish,
];
const calls: StreamEvent[] = [
  {
    type: "tool-start",
    index: 0,
    id: "a",
    name: "get_weather",
    signature: { origin: "gemini", value: "QQ==" },
  },
  { type: "tool-start", index: 1, id: "b", name: "get_weather" },
  { type: "tool-delta", index: 1, json: '{"city":"Rome"}' },
  { type: "tool-delta", index: 0, json: '{"city":"Paris"}' },
  { type: "finish", reason: "tool-calls" },
];

describe("the official SDK", () => {
  it("reads a full answer and a stream, keep-alives in between", async () => {
    const models = connect(text);
    const full = await models.generateContent({ model, contents: "hi" });
    expect([full.text, full.candidates?.[0]?.finishReason, full.usageMetadata?.totalTokenCount]).toEqual([
      "Hello!",
      "STOP",
      5,
    ]);
    let said = "";
    for await (const chunk of await models.generateContentStream({ model, contents: "hi" }))
      said += chunk.text ?? "";
    expect(said).toBe("Hello!");
    expect(seen.map((request) => [request.model, request.stream])).toEqual([
      [model, false],
      [model, true],
    ]);
  });

  it("reads parallel calls that came interleaved, and takes an answer back as history", async () => {
    const models = connect(calls);
    const tools = [
      { functionDeclarations: [{ name: weather.name, parametersJsonSchema: weather.parameters }] },
    ];
    const answer = await models.generateContent({ model, contents: "hi", config: { tools } });
    expect(answer.functionCalls).toEqual([
      { id: "a", name: "get_weather", args: { city: "Paris" } },
      { id: "b", name: "get_weather", args: { city: "Rome" } },
    ]);
    const made = answer.candidates?.[0]?.content as Content;
    const parts = [{ functionResponse: { id: "a", name: "get_weather", response: { output: "21" } } }];
    await models.generateContent({
      model,
      contents: [{ role: "user", parts: [{ text: "hi" }] }, made, { role: "user", parts }],
    });
    expect(seen[1]?.messages.slice(1)).toMatchObject([
      {
        role: "assistant",
        content: [{ id: "a", signature: { origin: "gemini", value: "QQ==" } }, { id: "b" }],
      },
      { role: "tool", content: [{ id: "a", content: [{ text: "21" }] }] },
    ]);
  });

  it("keeps a chat, whole and streamed, with its signatures", async () => {
    const signed: StreamEvent[] = [
      { type: "thinking-signature", signature: { origin: "claude", value: "Eq" } },
      ...text,
    ];
    const chat = open(signed).chats.create({ model });
    expect((await chat.sendMessage({ message: "one" })).text).toBe("Hello!");
    let said = "";
    for await (const chunk of await chat.sendMessageStream({ message: "two" })) said += chunk.text ?? "";
    expect(said).toBe("Hello!");
    await chat.sendMessage({ message: "three" });
    // A streamed turn is kept as its chunks.
    expect(chat.getHistory().length).toBeGreaterThan(6);
    expect(seen[2]?.messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
    for (const at of [1, 3]) {
      expect(seen[2]?.messages[at]?.content[0]).toEqual({
        type: "thinking",
        text: "",
        signature: { origin: "claude", value: "Eq" },
      });
      expect(seen[2]?.messages[at]?.content[1]).toMatchObject({ type: "text", text: "Hello!" });
    }
  });

  it.each([false, true])("calls functions by itself, streamed: %s", async (stream) => {
    const tool = {
      tool: () =>
        Promise.resolve({
          functionDeclarations: [{ name: weather.name, parametersJsonSchema: weather.parameters }],
        }),
      callTool: (asked: { id?: string; name?: string; args?: object }[]) =>
        Promise.resolve(
          asked.map(({ id, name, args }) => ({
            functionResponse: { id, name, response: { result: { args } } },
          })),
        ),
    };
    const models = connect(calls, text);
    const asked = { model, contents: "hi", config: { tools: [tool] } };
    let said = "";
    if (stream) {
      for await (const chunk of await models.generateContentStream(asked)) said += chunk.text ?? "";
    } else said = (await models.generateContent(asked)).text ?? "";
    expect(said).toBe("Hello!");
    expect(seen).toHaveLength(2);
    expect(seen[1]?.messages.slice(1)).toMatchObject([
      { role: "assistant", content: [{ id: "a", signature: { value: "QQ==" } }, { id: "b" }] },
      {
        role: "tool",
        content: [
          { id: "a", name: "get_weather", content: [{ text: '{"args":{"city":"Paris"}}' }] },
          { id: "b", name: "get_weather", content: [{ text: '{"args":{"city":"Rome"}}' }] },
        ],
      },
    ]);
  });

  it("reads the sources of a text", async () => {
    const source: StreamEvent = { type: "citation", citation: { url: "https://a.example/x", title: "A" } };
    const events = text.toSpliced(-1, 0, source);
    const { candidates } = await connect(events).generateContent({ model, contents: "hi" });
    expect(candidates?.[0]?.groundingMetadata).toEqual({
      groundingChunks: [{ web: { uri: "https://a.example/x", title: "A" } }],
      groundingSupports: [
        { segment: { startIndex: 0, endIndex: 6, text: "Hello!" }, groundingChunkIndices: [0] },
      ],
    });
  });

  it("sends its settings in words we know", async () => {
    const config = {
      systemInstruction: "be brief",
      temperature: 0.1,
      maxOutputTokens: 200,
      stopSequences: ["zzz"],
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT" as never, properties: { a: { type: "STRING" as never } } },
      thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
    };
    await connect(text).generateContent({ model, contents: "hi", config });
    expect(seen[0]).toMatchObject({
      system: [{ text: "be brief" }],
      sampling: { temperature: 0.1, maxTokens: 200, stop: ["zzz"] },
      output: { type: "json-schema", schema: { type: "object", properties: { a: { type: "string" } } } },
      thinking: { mode: "on", budgetTokens: 1024, visible: true },
    });
  });

  it("reads lists, counts and embeddings", async () => {
    const models = connect([]);
    const listed: (string | undefined)[] = [];
    for await (const item of await models.list()) listed.push(item.name);
    expect(listed).toEqual(["models/a"]);
    expect(await models.get({ model: "a" })).toMatchObject({ name: "models/a", inputTokenLimit: 7 });
    expect((await models.countTokens({ model, contents: "hi" })).totalTokens).toBe(5);
    const { embeddings } = await models.embedContent({
      model,
      contents: ["a", "b"],
      config: { outputDimensionality: 4 },
    });
    expect(embeddings?.map(({ values }) => values)).toEqual([
      [0, 4],
      [1, 4],
    ]);
  });

  it("throws our errors with their status, before a stream and inside one", async () => {
    const error = new GatewayError("not-found", "no such model");
    await expect(
      connect([{ type: "error", error }]).generateContent({ model, contents: "hi" }),
    ).rejects.toMatchObject({ status: 404 });
    const late = connect([
      { type: "text-delta", text: "a" },
      { type: "error", error: new GatewayError("overloaded", "later") },
    ]);
    const stream = await late.generateContentStream({ model, contents: "hi" });
    await expect(async () => {
      for await (const _chunk of stream);
    }).rejects.toMatchObject({ status: 503 });
  });
});
