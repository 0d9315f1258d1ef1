import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/claude/build-request.ts";
import { parseResponse } from "../../../adapters/claude/parse-response.ts";
import { createStreamParser } from "../../../adapters/claude/parse-stream.ts";
import { GatewayError } from "../../../adapters/errors.ts";
import { createFold, foldEvents, replay } from "../../../adapters/fold.ts";
import type { StreamEvent, UnifiedResult } from "../../../adapters/unified.ts";
import { names, readJson, readText, request } from "./fixtures.ts";

function parse(pieces: string[], asked = request()): StreamEvent[] {
  const parser = createStreamParser(asked);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}
const stream = (name: string): StreamEvent[] => parse([readText(`streams/${name}.sse`)]);
const comparable = (events: StreamEvent[]) =>
  events.map((event) =>
    event.type === "error" ? { type: "error", kind: event.error.kind, message: event.error.message } : event,
  );
/** Arguments by their meaning: white space between them is the model's own. */
const withArgs = (result: UnifiedResult) => ({
  ...result,
  content: result.content.map((part) =>
    part.type === "tool-call" ? Object.assign({}, part, { args: JSON.parse(part.args) as unknown }) : part,
  ),
});
const finish = (name: string) => stream(name).find((event) => event.type === "finish");

describe("createStreamParser", () => {
  it.each(names("streams"))("trap 42: reads %s the same however it is cut", (name) => {
    const text = readText(`streams/${name}`);
    const whole = comparable(parse([text]));
    for (const form of [text, text.replaceAll("\n", "\r\n"), text.replaceAll("\n", "\r")]) {
      expect(comparable(parse([form]))).toEqual(whole);
      expect(comparable(parse([...form]))).toEqual(whole);
      for (let at = 1; at < form.length; at++) {
        expect(comparable(parse([form.slice(0, at), form.slice(at)]))).toEqual(whole);
      }
    }
  });

  it.each(names("streams"))("%s ends with one finish or one error", (name) => {
    const events = parse([readText(`streams/${name}`)]);
    const ends = events.filter(({ type }) => type === "finish" || type === "error");
    expect(ends).toEqual([events.at(-1)]);
  });

  it.each(names("responses").filter((name) => name !== "no-usage.json"))("%s equals its stream", (name) => {
    const full = parseResponse(readJson(`responses/${name}`), request());
    const streamed = foldEvents(parse([readText(`streams/${name.replace(".json", ".sse")}`)]));
    expect(withArgs(full)).toEqual(withArgs(streamed));
    expect(foldEvents(replay(full))).toEqual(full);
  });

  it("reads text, thoughts, signatures and calls in their order", () => {
    expect(foldEvents(stream("thinking-and-tools"))).toMatchObject({
      id: "msg_01XFDUDYJgAACzvnptvVoYEL",
      model: "claude-sonnet-4-5-20250929",
      content: [
        {
          type: "thinking",
          text: "The user wants two cities. I call the tool twice.\n",
          signature: { origin: "claude", value: "EqoBCkgIARABGAIiQDl5/Zz+==" },
        },
        { type: "text", text: "I look both up." },
        { type: "tool-call", id: "toolu_01A", name: "get_weather", args: '{"city": "Paris"}' },
        {
          type: "tool-call",
          id: "toolu_01B",
          name: "get_weather",
          args: '{"city": "R\\u00f6m", "days": [1, 2]}',
        },
      ],
      finishReason: "tool-calls",
      usage: {
        inputTokens: 135,
        outputTokens: 89,
        cachedTokens: 100,
        cacheWriteTokens: 10,
        reasoningTokens: 20,
      },
    });
  });

  it("trap 36: counts cached tokens in, from message_start and message_delta", () => {
    expect(finish("text")).toMatchObject({
      type: "finish",
      reason: "stop",
      usage: { inputTokens: 135, outputTokens: 15, cachedTokens: 100, cacheWriteTokens: 10 },
    });
  });

  it("trap 31: takes arguments from the block's start, and none as {}", () => {
    const [only] = foldEvents(stream("input-in-start")).content;
    expect(only).toMatchObject({ name: "write", args: '{"path":"a.txt","text":"ä"}' });
    const calls = foldEvents(stream("text-between-tools")).content;
    expect(calls.map((part) => (part.type === "tool-call" ? part.args : part.type))).toEqual([
      "text",
      "{}",
      "text",
      "{}",
    ]);
  });

  it("trap 33: a call makes the reason tool-calls, a limit stays a limit", () => {
    expect(finish("input-in-start")).toMatchObject({ reason: "tool-calls" });
    expect(finish("max-tokens-in-tool")).toMatchObject({ reason: "length" });
    expect(finish("pause-turn")).toMatchObject({ reason: "pause" });
    expect(finish("stop-sequence")).toMatchObject({ reason: "stop", stopSequence: "three" });
    expect(finish("unknown-events")).toMatchObject({ reason: "stop" });
  });

  it("reads hidden thoughts", () => {
    expect(foldEvents(stream("redacted-thinking")).content).toEqual([
      {
        type: "thinking",
        text: "",
        redacted: true,
        signature: { origin: "claude", value: "EmwKAhgBEgy3va3pzix/" },
      },
      { type: "thinking", text: "", signature: { origin: "claude", value: "ErUBCkYIBxgC" } },
      { type: "text", text: "Done." },
    ]);
  });

  it("reads a refusal with its explanation", () => {
    expect(foldEvents(stream("refusal"))).toMatchObject({
      content: [{ type: "text", text: "I " }],
      refusal: "This request was declined.",
      finishReason: "content-filter",
    });
  });

  it("keeps what tools the provider runs itself said for Claude's clients; others read over it", () => {
    const native = (body: object) => ({
      type: "text",
      text: "",
      native: { origin: "claude", body: expect.objectContaining(body) },
    });
    const citation = {
      url: "https://example.com",
      title: "Weather",
      quote: "sunny",
      // Of the text as others are told it.
      start: 10,
      end: 22,
      native: { origin: "claude", body: expect.objectContaining({ encrypted_index: "Eo8" }) },
    };
    const events = stream("server-tools");
    expect(foldEvents(events)).toMatchObject({
      content: [
        { type: "text", text: "I search. " },
        native({ type: "server_tool_use", id: "srvtoolu_1", input: { query: "weather" } }),
        native({ type: "web_search_tool_result", tool_use_id: "srvtoolu_1" }),
        { type: "text", text: "It is sunny.", citations: [citation] },
      ],
      finishReason: "stop",
    });
    const others = createFold({});
    others.push(events);
    expect(others.end().content).toEqual([
      { type: "text", text: "I search. It is sunny.", citations: [citation] },
    ]);
  });

  it("tells texts apart that Claude told apart, each with its own sources", () => {
    const { content } = foldEvents(stream("cited-documents"));
    expect(
      content.map((part) => (part.type === "text" ? [part.text, part.citations?.length] : part.type)),
    ).toEqual([
      ["According to the report, ", undefined],
      ["the grass is green", 2],
      [" and ", undefined],
      ["the sky is blue", 1],
      [".", undefined],
    ]);
    const others = createFold({});
    others.push(stream("cited-documents"));
    const [only] = others.end().content;
    const cited = only?.type === "text" ? (only.citations ?? []) : [];
    expect(
      cited.map(({ start, end, title, quote }) => [
        only && "text" in only && only.text.slice(start, end),
        title,
        quote,
      ]),
    ).toEqual([
      ["the grass is green", "Report", "The grass is green. "],
      ["the grass is green", "Report", "Grass: green."],
      ["the sky is blue", undefined, "The sky is blue."],
    ]);
  });

  it("takes calls that the message begins with", () => {
    const text = readText("streams/text.sse").replace(
      '"content":[]',
      '"content":[{"type":"tool_use","id":"t","name":"n","input":{"a":1},"caller":{"type":"direct"}}]',
    );
    expect(text).toContain("caller");
    expect(foldEvents(parse([text])).content).toMatchObject([
      { type: "tool-call", id: "t", args: '{"a":1}' },
      { type: "text" },
    ]);
  });

  it("keeps what Claude says of the message and of who made a call", () => {
    const { content, native, finishReason } = foldEvents(stream("programmatic-call"));
    expect(content).toMatchObject([
      { native: { body: { type: "server_tool_use", name: "code_execution", input: { code: "x" } } } },
      {
        type: "tool-call",
        id: "toolu_01A",
        native: {
          origin: "claude",
          body: { caller: { type: "code_execution_20260120", tool_id: "srvtoolu_01" } },
        },
      },
    ]);
    expect(finishReason).toBe("tool-calls");
    expect(native).toEqual({
      origin: "claude",
      body: {
        container: { id: "container_01", expires_at: "2026-11-21T12:00:00Z" },
        context_management: { applied_edits: [] },
        usage: {
          cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 452 },
          service_tier: "priority",
          inference_geo: "us",
          server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
        },
      },
    });
  });

  it("trap 30: manages without indexes, stops and ids", () => {
    expect(foldEvents(stream("imitator"))).toMatchObject({
      content: [
        { type: "thinking", text: "hmm" },
        { type: "text", text: "A" },
        { type: "tool-call", id: "", name: "get_time", args: "{}" },
        { type: "tool-call", id: "call_2", name: "get_time", args: '{"zone":"UTC"}' },
      ],
      finishReason: "tool-calls",
      usage: { inputTokens: 7, outputTokens: 9 },
    });
  });

  it("keeps interleaved calls apart by their index", () => {
    const start = (index: number) =>
      `data: {"type":"content_block_start","index":${index},"content_block":{"type":"tool_use","id":"t${index}","name":"n"}}\n\n`;
    const delta = (index: number, json: string) =>
      `data: ${JSON.stringify({ type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json: json } })}\n\n`;
    const end = 'data: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}\n\n';
    const text =
      start(0) + start(1) + delta(0, '{"a"') + delta(1, '{"b"') + delta(0, ":1}") + delta(1, ":2}") + end;
    const { content } = foldEvents(parse([text]));
    expect(content.map((part) => (part.type === "tool-call" ? part.args : ""))).toEqual([
      '{"a":1}',
      '{"b":2}',
    ]);
  });

  it("traps 39 and 40: an error in the stream is an error of its kind", () => {
    const kinds = ["error-midway", "error-first"].map((name) => {
      const last = stream(name).at(-1);
      return last?.type === "error" ? [last.error.kind, last.error.message] : last;
    });
    expect(kinds).toEqual([
      ["overloaded", "Overloaded"],
      ["rate-limit", "This request would exceed your rate limit"],
    ]);
  });

  it.each([
    ['{"error":{"message":"boom"}}', "boom"],
    ['{"type":"error"}', "the provider broke the answer off"],
    ["{broken", "the provider sent an event that is no JSON"],
  ])("takes %s as an error", (data, message) => {
    const events = parse([`data: ${data}\n\n`, 'data: {"type":"message_stop"}\n\n']);
    expect(comparable(events)).toEqual([{ type: "error", kind: "upstream", message }]);
  });

  it("trap 38: an end after the stop reason is an end, one before it is an error", () => {
    expect(stream("no-message-stop").at(-1)).toMatchObject({ type: "finish", reason: "stop" });
    expect(comparable(stream("cut-off").slice(-1))).toEqual([
      { type: "error", kind: "upstream", message: "the provider's answer ended before it was finished" },
    ]);
    expect(parse([]).at(-1)?.type).toBe("error");
  });

  it("trap 17: gives tools the names the client knows", () => {
    const asked = request({ tools: [{ name: "mcp.files::read", parameters: {} }] });
    const body = buildRequest(asked).body as { tools: { name: string }[] };
    const wire = body.tools[0]?.name ?? "";
    expect(wire).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
    const text = readText("streams/input-in-start.sse").replace('"write"', JSON.stringify(wire));
    expect(foldEvents(parse([text], asked)).content[0]).toMatchObject({ name: "mcp.files::read" });
  });
});

describe("parseResponse", () => {
  it("manages without usage, id and stop reason", () => {
    expect(parseResponse(readJson("responses/no-usage.json"), request())).toEqual({
      id: undefined,
      model: undefined,
      content: [{ type: "text", text: "Hi" }],
      finishReason: "stop",
    });
  });

  it.each([[null], ["<html>"], [{}], [{ content: "text" }], [[]]])("refuses %j", (body) => {
    expect(() => parseResponse(body, request())).toThrow(GatewayError);
  });

  it("throws an error that came with status 200", () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    expect(() => parseResponse(body, request())).toThrow(expect.objectContaining({ kind: "overloaded" }));
  });
});
