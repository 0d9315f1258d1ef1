import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createFold, foldEvents } from "../../../adapters/fold.ts";
import { parseResponse } from "../../../adapters/ollama/parse-response.ts";
import { createStreamParser } from "../../../adapters/ollama/parse-stream.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";
import { readJson, readText, request } from "./fixtures.ts";

function parse(pieces: string[], asked: UnifiedRequest = request()): StreamEvent[] {
  const parser = createStreamParser(asked);
  return [...pieces.flatMap(parser.push), ...parser.end()];
}
const stream = (name: string, asked?: UnifiedRequest) => parse([readText(`streams/${name}.ndjson`)], asked);
const fold = (name: string) => foldEvents(stream(name));

describe("createStreamParser", () => {
  it("gives text as it comes and the counts with the finish", () => {
    expect(stream("text")).toEqual([
      { type: "start", model: "qwen3:8b" },
      { type: "text-delta", text: "Hello" },
      { type: "text-delta", text: " from" },
      { type: "text-delta", text: " the model." },
      { type: "finish", reason: "stop", usage: { inputTokens: 26, outputTokens: 298 } },
    ]);
  });

  it("reads thinking, length and what is missing", () => {
    expect(fold("thinking").content).toEqual([
      { type: "thinking", text: "Let me think." },
      { type: "text", text: "Done." },
    ]);
    expect(fold("length").finishReason).toBe("length");
    expect(stream("minimal")).toEqual([
      { type: "start" },
      { type: "text-delta", text: "Hi" },
      { type: "finish", reason: "stop" },
    ]);
    expect(stream("logprobs")[2]).toMatchObject({ type: "logprobs", logprobs: [{ token: "Hi" }] });
  });

  it("trap 33: calls tools though Ollama says stop, wherever the call stands", () => {
    expect(fold("tool-call")).toMatchObject({
      finishReason: "tool-calls",
      content: [
        { type: "thinking" },
        { type: "text" },
        { type: "tool-call", id: "call_a1b2c3d4", name: "get_weather", args: '{"city":"Paris"}' },
      ],
    });
    expect(fold("tool-call-in-last-line")).toMatchObject({
      finishReason: "tool-calls",
      content: [{ type: "tool-call", name: "get_weather" }],
    });
  });

  it("trap 30: tells calls apart over lines", () => {
    expect(fold("tool-calls-parallel").content).toMatchObject([
      { id: "call_00000001", args: '{"city":"Paris"}' },
      { id: "call_00000002", args: '{"city":"Rome"}' },
      { id: "call_00000003", name: "get_time", args: "{}" },
    ]);
  });

  it("trap 28: reads arguments that are nested again, text, or a list", () => {
    const calls = fold("tool-call-odd-arguments").content;
    expect(calls.map((part) => (part.type === "tool-call" ? part.args : ""))).toEqual([
      '{"city":"Paris"}',
      '{"city":"Rome"}',
      '{"city":"Oslo"}',
    ]);
  });

  it("leaves arguments alone that are meant to be called name and arguments", () => {
    const parameters = { type: "object", properties: { name: {}, arguments: {} } };
    const asked = request({ tools: [{ name: "get_weather", parameters }] });
    const events = stream("tool-call-odd-arguments", asked);
    expect(events[2]).toMatchObject({ json: '{"name":"get_weather","arguments":{"city":"Paris"}}' });
  });

  it("reads the answers of /api/generate", () => {
    expect(fold("generate").content).toEqual([{ type: "text", text: "  return a + b" }]);
  });

  it("trap 39: takes an error line for the end", () => {
    const events = stream("error-in-stream");
    expect(events.at(-1)).toMatchObject({ type: "error", error: { kind: "upstream" } });
    expect(events.filter((event) => event.type === "finish")).toEqual([]);
  });

  it("trap 38: takes an end without the last line for an error", () => {
    expect(stream("error-broken-off").at(-1)).toMatchObject({ type: "error" });
    expect(parse([]).at(-1)).toMatchObject({ type: "error" });
  });

  it("gives nothing after the end, and one error for what it cannot read", () => {
    const done = '{"done":true}\n';
    expect(parse([done, done, "rubbish"])).toEqual([{ type: "start" }, { type: "finish", reason: "stop" }]);
    expect(parse(["<html>\n", "<body>\n"])).toHaveLength(1);
    expect(parse(["[1]\n"])[0]).toMatchObject({ type: "error", error: { kind: "upstream" } });
    expect(parse(['{"message":{"tool_calls":[null,7,{"function":null}],"content":5},"done":true}'])).toEqual([
      { type: "start" },
      { type: "finish", reason: "stop" },
    ]);
  });

  it.each(readdirSync(new URL("../../../fixtures/ollama/streams/", import.meta.url)))(
    "trap 42: %s gives the same events however it is cut",
    (name) => {
      for (const text of [
        readText(`streams/${name}`),
        readText(`streams/${name}`).replaceAll("\n", "\r\n"),
      ]) {
        const whole = JSON.stringify(parse([text]));
        expect(JSON.stringify(parse([...text]))).toBe(whole);
        for (let at = 1; at < text.length; at += 7) {
          expect(JSON.stringify(parse([text.slice(0, at), text.slice(at)]))).toBe(whole);
        }
      }
    },
  );
});

describe("parseResponse", () => {
  it("reads a whole answer", () => {
    expect(parseResponse(readJson("responses/thinking-and-tool-calls.json"), request())).toMatchObject({
      model: "qwen3:8b",
      finishReason: "tool-calls",
      usage: { inputTokens: 26, outputTokens: 298 },
      content: [
        { type: "thinking", text: "The weather, then." },
        { type: "text", text: "I will look." },
        { type: "tool-call", id: "call_a1b2c3d4" },
        { type: "tool-call", id: "", args: '{"city":"Rome"}' },
      ],
    });
    expect(parseResponse(readJson("responses/generate.json"), request())).toMatchObject({
      finishReason: "length",
      usage: { inputTokens: 0, outputTokens: 4 },
    });
  });

  it("is the fold of the stream", () => {
    const fold = createFold();
    fold.push(stream("text"));
    expect(parseResponse(readJson("responses/text.json"), request())).toEqual(fold.end());
  });

  it("refuses what is no answer", () => {
    expect(() => parseResponse([], request())).toThrow("neither `message` nor `response`");
    expect(() => parseResponse({ models: [] }, request())).toThrow("neither");
    expect(() => parseResponse({ error: "out of memory" }, request())).toThrow("out of memory");
  });
});
