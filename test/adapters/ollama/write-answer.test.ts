import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { answerDirectly } from "../../../adapters/ollama/answer-directly.ts";
import { parseRequest } from "../../../adapters/ollama/parse-request.ts";
import { writeResponse } from "../../../adapters/ollama/write-response.ts";
import { createStreamWriter } from "../../../adapters/ollama/write-stream.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { toCall, toContext } from "./fixtures.ts";

const answer: StreamEvent[] = [
  { type: "start", model: "upstream-name" },
  { type: "thinking-delta", text: "Hm." },
  { type: "text-delta", text: "Hello" },
  { type: "text-delta", text: " there" },
  { type: "tool-start", index: 0, id: "toolu_1", name: "get_weather" },
  { type: "tool-delta", index: 0, json: '{"city":' },
  { type: "tool-delta", index: 0, json: '"Paris"}' },
  { type: "tool-start", index: 1, name: "get_time" },
  { type: "finish", reason: "tool-calls", usage: { inputTokens: 26, outputTokens: 9 } },
];

function write(variant: string, events: StreamEvent[], context = toContext(variant, { model: "asked" })) {
  const writer = createStreamWriter(context);
  const text = writer.push(events) + writer.end();
  expect(text === "" || text.endsWith("\n")).toBe(true);
  return text.split("\n").slice(0, -1);
}

interface Line {
  message: { content: string };
}

describe("createStreamWriter for /api/chat", () => {
  it("writes a line per piece, whole calls, and the counts last, keys in Ollama's order", () => {
    const head = '{"model":"asked","created_at":"2026-08-01T10:00:00.12Z",';
    expect(write("chat", answer)).toEqual([
      `${head}"message":{"role":"assistant","content":"","thinking":"Hm."},"done":false}`,
      `${head}"message":{"role":"assistant","content":"Hello"},"done":false}`,
      `${head}"message":{"role":"assistant","content":" there"},"done":false}`,
      `${head}"message":{"role":"assistant","content":"","tool_calls":[{"id":"toolu_1","function":{"index":0,"name":"get_weather","arguments":{"city":"Paris"}}}]},"done":false}`,
      `${head}"message":{"role":"assistant","content":"","tool_calls":[{"id":"call_newid000","function":{"index":1,"name":"get_time","arguments":{}}}]},"done":false}`,
      `${head}"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":1,"load_duration":1,"prompt_eval_count":26,"prompt_eval_duration":1,"eval_count":9,"eval_duration":1}`,
    ]);
  });

  it("counts only in the last line, in nanoseconds, and leaves zero counts out", () => {
    const writer = createStreamWriter(toContext("chat", {}, 10));
    const first = writer.push([{ type: "text-delta", text: "a" }]);
    const last = JSON.parse(writer.push([{ type: "finish", reason: "length" }])) as Record<string, unknown>;
    expect(first).not.toMatch(/eval_count|duration/);
    expect(last).toMatchObject({ done: true, done_reason: "length", prompt_eval_duration: 10_000_000 });
    expect(Number(last.total_duration)).toBeGreaterThanOrEqual(20_000_000);
    expect(last).not.toHaveProperty("eval_count");
  });

  it("trap 39: ends with an error line and no `done`", () => {
    const error = new GatewayError("upstream", "the provider broke");
    const lines = write("chat", [
      { type: "text-delta", text: "a" },
      { type: "error", error },
    ]);
    expect(lines.at(-1)).toBe('{"error":"the provider broke"}');
    expect(lines.join("")).not.toContain('"done":true');
  });

  it("has no place for citations, and loses no text to them", () => {
    const cited: StreamEvent[] = [
      { type: "text-delta", text: "It rains." },
      { type: "citation", citation: { url: "https://example.com", title: "Weather" } },
      { type: "text-delta", text: " Still." },
      { type: "finish", reason: "stop" },
    ];
    const said = write("chat", cited).map((line) => (JSON.parse(line) as Line).message.content);
    expect(said).toEqual(["It rains.", " Still.", ""]);
    expect(writeResponse(foldEvents(cited), toContext("chat"))).toMatchObject({
      message: { role: "assistant", content: "It rains. Still." },
    });
  });

  it("writes nothing before there is something to say", () => {
    const writer = createStreamWriter(toContext("chat"));
    expect(writer.push([{ type: "start" }])).toBe("");
    expect(writer.push([{ type: "text-delta", text: "" }])).toBe("");
    expect(writer.push([{ type: "tool-start", index: 0, name: "f" }])).toBe("");
  });

  it("puts probabilities on the line of their text", () => {
    const lines = write("chat", [
      { type: "text-delta", text: "Hi" },
      { type: "logprobs", logprobs: [{ token: "Hi", logprob: -0.1 }] },
      { type: "finish", reason: "stop" },
    ]);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      message: { content: "Hi" },
      logprobs: [{ token: "Hi" }],
    });
  });

  it("carries pictures as base64, addresses as text, refusals as text", () => {
    const lines = write("chat", [
      {
        type: "media",
        media: { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AAAA" } },
      },
      {
        type: "media",
        media: { type: "media", mimeType: "image/png", source: { kind: "url", url: "https://a/b" } },
      },
      { type: "refusal-delta", text: "No." },
      { type: "finish", reason: "content-filter" },
    ]).map((line) => JSON.parse(line) as { message: object; done_reason?: string });
    expect(lines[0]?.message).toMatchObject({ images: ["AAAA"] });
    expect(lines[1]?.message).toMatchObject({ content: "![](https://a/b)" });
    expect(lines[2]?.message).toMatchObject({ content: "No." });
    expect(lines[3]?.done_reason).toBe("stop");
  });
});

describe("writeResponse", () => {
  it("is the stream put together", () => {
    const context = () => toContext("chat", { model: "asked" });
    const whole = writeResponse(foldEvents(answer), context());
    expect(JSON.stringify(whole)).toBe(
      '{"model":"asked","created_at":"2026-08-01T10:00:00.12Z","message":{"role":"assistant","content":"Hello there","thinking":"Hm.","tool_calls":[{"id":"toolu_1","function":{"index":0,"name":"get_weather","arguments":{"city":"Paris"}}},{"id":"call_newid000","function":{"index":1,"name":"get_time","arguments":{}}}]},"done":true,"done_reason":"stop","total_duration":1,"load_duration":1,"prompt_eval_count":26,"prompt_eval_duration":1,"eval_count":9,"eval_duration":1}',
    );
    const calls = write("chat", answer, context()).flatMap(
      (line) => (JSON.parse(line) as { message: { tool_calls?: unknown[] } }).message.tool_calls ?? [],
    );
    expect((whole.message as { tool_calls: unknown[] }).tool_calls).toEqual(calls);
  });

  it("keeps an empty answer readable", () => {
    const whole = writeResponse({ content: [], finishReason: "stop" }, toContext("chat"));
    expect(whole.message).toEqual({ role: "assistant", content: "" });
    expect(whole.total_duration).toBe(1);
  });
});

describe("/api/generate answers", () => {
  const text: StreamEvent[] = [
    { type: "thinking-delta", text: "Hm." },
    { type: "text-delta", text: "Grüße 🌍" },
    { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 2 } },
  ];

  it("say `response`, and give a context in the last line only", () => {
    const lines = write("generate", text);
    const head = '{"model":"asked","created_at":"2026-08-01T10:00:00.12Z",';
    expect(lines[0]).toBe(`${head}"response":"","thinking":"Hm.","done":false}`);
    expect(lines[1]).toBe(`${head}"response":"Grüße 🌍","done":false}`);
    expect(lines[2]).toMatch(
      /^.*"response":"","done":true,"done_reason":"stop","context":\[.*\],"total_duration":1,/,
    );
  });

  it("go on with a conversation by their context, without anything stored", () => {
    const first = writeResponse(foldEvents(text), toContext("generate"));
    const next = parseRequest({ model: "m", prompt: "and now?", context: first.context }, toCall("generate"));
    const said = next.messages.map(({ role, content }) => [role, content[0]]);
    expect(said).toEqual([
      ["user", { type: "text", text: "hi" }],
      ["assistant", { type: "text", text: "Grüße 🌍" }],
      ["user", { type: "text", text: "and now?" }],
    ]);
    expect(next.extra?.ollama).toEqual({});
    const second = writeResponse(foldEvents(text), { ...toContext("generate"), request: next });
    const third = parseRequest({ model: "m", prompt: "x", context: second.context }, toCall("generate"));
    expect(third.messages).toHaveLength(5);
  });

  it("have no context in raw mode", () => {
    const extra = { ollama: { generate: { prompt: "x", raw: true } } };
    expect(writeResponse(foldEvents(text), toContext("generate", { extra }))).not.toHaveProperty("context");
  });
});

describe("answerDirectly", () => {
  const direct = (body: unknown, variant: string) => {
    const request = parseRequest(body, toCall(variant));
    return JSON.stringify(answerDirectly(request, toCall(variant), toContext(variant)));
  };
  it("answers load and unload as Ollama does", () => {
    const head = '{"model":"m","created_at":"2026-08-01T10:00:00.12Z",';
    expect(direct({ model: "m", messages: [], keep_alive: 0 }, "chat")).toBe(
      `${head}"message":{"role":"assistant","content":""},"done":true,"done_reason":"unload"}`,
    );
    expect(direct({ model: "m" }, "generate")).toBe(`${head}"response":"","done":true,"done_reason":"load"}`);
  });
  it("leaves everything else to a provider", () => {
    expect(direct({ model: "m", prompt: "hi" }, "generate")).toBeUndefined();
  });
});
