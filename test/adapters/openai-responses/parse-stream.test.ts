import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";
import { listOf, loadStream, parse, plain, provider, streamNames } from "./load.ts";

function read(pieces: string[], request: UnifiedRequest = plain()): StreamEvent[] {
  const parser = provider.createStreamParser(request);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}
const readFixture = (name: string, request?: UnifiedRequest): StreamEvent[] =>
  read([loadStream(name)], request);
const usage = {
  inputTokens: 120,
  cachedTokens: 100,
  cacheWriteTokens: 0,
  outputTokens: 30,
  reasoningTokens: 12,
};
const HOSTED_SOURCE = {
  url: "https://example.org",
  title: "x",
  start: 0,
  end: 5,
  native: {
    origin: "openai-responses",
    body: { type: "url_citation", url: "https://example.org", title: "x", start_index: 0, end_index: 5 },
  },
};
const weather = { type: "tool-call", id: "call_A", name: "get_weather", args: '{"city":"Paris"}' };

describe("trap 42: a stream cut anywhere", () => {
  it.each(streamNames())("%s", (name) => {
    const lf = loadStream(name);
    const whole = read([lf]);
    for (const text of [lf, lf.replaceAll("\n", "\r\n")]) {
      expect(read([...text])).toEqual(whole);
      // Every cut of every stream is the contract test's work; here some show quickly what broke.
      for (let at = 1; at < text.length; at += 7)
        expect(read([text.slice(0, at), text.slice(at)])).toEqual(whole);
    }
  });
});

it.each(streamNames())("%s ends with exactly one finish or error, and it is the last event", (name) => {
  const types = readFixture(name).map(({ type }) => type);
  expect(types.filter((type) => type === "finish" || type === "error")).toHaveLength(1);
  expect(["finish", "error"]).toContain(types.at(-1));
});

it("text with log probabilities, usage and OpenAI's keepalive", () => {
  const events = readFixture("text");
  expect(events.slice(0, 3)).toMatchObject([
    { type: "start", id: "resp_01", model: "gpt-test" },
    { type: "text-delta", text: "Hel" },
    { type: "logprobs", logprobs: [{ token: "Hel" }] },
  ]);
  const result = foldEvents(events);
  expect(result).toMatchObject({
    content: [{ type: "text", text: "Hello 🌍" }],
    finishReason: "stop",
    usage,
  });
  expect(result.logprobs).toHaveLength(3);
});

it("trap 30: reasoning, text and interleaved calls, none told twice", () => {
  const request = parse({
    model: "m",
    input: "x",
    tools: [
      { type: "function", name: "send_input" },
      {
        type: "namespace",
        name: "multi_agent_v1",
        description: "",
        tools: [{ type: "function", name: "send_input" }],
      },
    ],
  });
  expect(foldEvents(readFixture("reasoning-and-calls", request))).toEqual({
    id: "resp_01",
    model: "gpt-test",
    content: [
      {
        type: "thinking",
        text: "First thought.\n\nSecond thought.",
        signature: { origin: "openai-responses", value: "gAAAAAB-sealed==" },
      },
      { type: "text", text: "Let me look." },
      weather,
      {
        type: "tool-call",
        id: "call_B",
        name: "multi_agent_v1__send_input",
        args: '{"text":"it\'s \\"ok\\""}',
      },
    ],
    finishReason: "tool-calls",
    usage,
  });
});

it("trap 31: a stream without deltas, ids and event lines; empty arguments become {}", () => {
  expect(foldEvents(readFixture("minimal")).content).toEqual([
    { type: "thinking", text: "Thinking." },
    { type: "text", text: "Hello." },
    weather,
    { type: "tool-call", id: "call_B", name: "get_weather", args: "{}" },
  ]);
});

it("a custom tool's free text becomes arguments, piece by piece", () => {
  const events = readFixture("custom-tool");
  expect(events.filter(({ type }) => type === "tool-delta").length).toBeGreaterThan(3);
  const [part] = foldEvents(events).content;
  expect(part).toMatchObject({ type: "tool-call", id: "call_P", name: "apply_patch" });
  const args: unknown = part?.type === "tool-call" ? JSON.parse(part.args) : undefined;
  expect(args).toEqual({ input: '*** Begin Patch\n*** Add File: a.txt\n+"hi" \\ 🌍\n*** End Patch\n' });
});

it.each([
  ["args-only-in-done", [weather]],
  ["text-only-in-done", [{ type: "text", text: "Hello." }]],
  ["calls-only-in-completed", [{ type: "text", text: "Let me look." }, weather]],
  ["changing-ids", [{ type: "text", text: "Hello." }, weather]],
  [
    "raw-reasoning",
    [
      { type: "thinking", text: "The user greets." },
      { type: "text", text: "Hello." },
    ],
  ],
  [
    "hosted",
    [
      {
        type: "text",
        text: "",
        native: {
          origin: "openai-responses",
          body: {
            id: "ws_1",
            type: "web_search_call",
            status: "completed",
            action: { type: "search", query: "x" },
          },
        },
      },
      { type: "text", text: "Found it.", citations: [HOSTED_SOURCE] },
      { type: "media", mimeType: "image/webp", source: { kind: "base64", data: "UklGRg==" } },
    ],
  ],
])("%s is read once", (name, content) => {
  expect(foldEvents(readFixture(name)).content).toEqual(content);
});

it("completed-only: the last event alone holds the answer", () => {
  expect(foldEvents(readFixture("completed-only")).content).toMatchObject([
    { type: "thinking", text: "First thought.\n\nSecond thought." },
    { type: "text", text: "Hello." },
    weather,
  ]);
});

it("a refusal is no text", () => {
  const result = foldEvents(readFixture("refusal"));
  expect(result).toMatchObject({ content: [], refusal: "I cannot help with that.", finishReason: "stop" });
});

it("trap 33: a call cut off by the limit ends with length, its arguments as they came", () => {
  const result = foldEvents(readFixture("incomplete"));
  expect(result).toMatchObject({
    finishReason: "length",
    content: [{ name: "get_weather", args: '{"city":"Pa' }],
  });
});

it.each([
  ["failed", "rate-limit", "Rate limit reached"],
  ["error-event", "upstream", "The server had an error."],
  ["error-nested", "overloaded", "Overloaded"],
  ["cut", "upstream", "ended before response.completed"],
])("trap 39: %s is an error of kind %s", (name, kind, message) => {
  const last = readFixture(name).at(-1);
  expect(last).toMatchObject({ type: "error", error: { kind } });
  expect(last?.type === "error" && last.error.message).toContain(message);
});

it("two messages in a row do not run together", () => {
  const item = (text: string) =>
    `data: ${JSON.stringify({ type: "response.output_item.done", item: { type: "message", content: [{ type: "output_text", text }] } })}\n\n`;
  const events = read([item("One."), item("Two."), 'data: {"type":"response.completed"}\n\n']);
  expect(foldEvents(events).content).toEqual([{ type: "text", text: "One.\n\nTwo." }]);
});

it("a whole that differs from its pieces is not told again", () => {
  const event = (type: string, fields: object) =>
    `data: ${JSON.stringify({ type: `response.${type}`, ...fields })}\n\n`;
  const events = read([
    event("output_text.delta", { output_index: 0, delta: "Hello " }),
    event("output_text.done", { output_index: 0, text: "Goodbye, all of you" }),
    event("function_call_arguments.delta", { output_index: 1, delta: '{"a":1}', name: "f", call_id: "c" }),
    event("function_call_arguments.done", { output_index: 1, arguments: '{ "a": 1, "b": 2 }' }),
    event("completed", {}),
  ]);
  expect(foldEvents(events).content).toEqual([
    { type: "text", text: "Hello " },
    { type: "tool-call", id: "c", name: "f", args: '{"a":1}' },
  ]);
});

it("an event that is no JSON is an error: a piece of the answer may be lost with it", () => {
  const events = read(['data: {"type":"response.created","response":{}}\n\ndata: <html>\n\n']);
  expect(events.map(({ type }) => type)).toEqual(["start", "error"]);
});

it("odd data is passed over: no type, wrong types, [DONE], events after the end", () => {
  const lines = ["", "null", "[]", "{}", '{"type":5}', '{"type":"response.output_item.done","item":"x"}'];
  const odd = [
    '{"type":"response.output_text.delta","delta":7,"content_index":"x"}',
    '{"type":"response.function_call_arguments.delta","delta":"{}"}',
    '{"type":"response.output_item.done","item":{"type":"message","content":[null,{"type":"output_text"}]}}',
    '{"type":"response.completed","response":{"output":"x","usage":{"input_tokens":"x"}}}',
    '{"type":"response.output_text.delta","delta":"late"}',
    "[DONE]",
  ];
  const events = read([[...lines, ...odd].map((data) => `data: ${data}\n\n`).join("")]);
  expect(events.map(({ type }) => type)).toEqual(["start", "finish"]);
});

it("trap 17: a shortened name comes back as the client's", () => {
  const name = `mcp.server::${"x".repeat(80)}`;
  const request = plain({ tools: [{ name, parameters: { type: "object" } }] });
  const [tool] = listOf(provider.buildRequest(request).body?.tools);
  const item = { type: "function_call", call_id: "c", name: tool?.name, arguments: "{}" };
  const events = read(
    [`data: ${JSON.stringify({ type: "response.completed", response: { output: [item] } })}\n\n`],
    request,
  );
  expect(tool?.name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  expect(foldEvents(events).content).toMatchObject([{ name }]);
});
