import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents, replay } from "../../../adapters/fold.ts";
import { parseResponse } from "../../../adapters/gemini/parse-response.ts";
import { createStreamParser } from "../../../adapters/gemini/parse-stream.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { names, parse, parseAll, readJson, readText, request, weather } from "./fixtures.ts";

const stream = (name: string): StreamEvent[] => parse([readText(`streams/${name}`)]);
const finish = (name: string) => stream(`${name}.sse`).find((event) => event.type === "finish");
const failure = (name: string) => {
  const last = stream(name).at(-1);
  return last?.type === "error" ? last.error : undefined;
};
const comparable = (events: StreamEvent[]) =>
  events.map((event) =>
    event.type === "error" ? { type: "error", kind: event.error.kind, message: event.error.message } : event,
  );
const chunk = (parts: unknown[], more: object = {}) =>
  `data: ${JSON.stringify({ candidates: [{ content: { parts }, ...more }] })}\n\n`;

describe("createStreamParser", () => {
  it.each(names("streams"))("trap 42: reads %s the same however it is cut", (name) => {
    const text = readText(`streams/${name}`);
    const whole = comparable(parseAll([text]));
    for (const form of [text, text.replaceAll("\n", "\r\n")]) {
      expect(comparable(parseAll([...form]))).toEqual(whole);
      for (let at = 1; at < form.length; at++) {
        const pieces = [form.slice(0, at), form.slice(at)];
        if (JSON.stringify(comparable(parseAll(pieces))) !== JSON.stringify(whole)) {
          expect(comparable(parseAll(pieces)), `cut at ${at}`).toEqual(whole);
        }
      }
    }
  });

  it.each(names("streams"))("%s ends with one finish or one error", (name) => {
    const events = stream(name);
    const ends = events.filter(({ type }) => type === "finish" || type === "error");
    expect(ends).toEqual([events.at(-1)]);
  });

  const answers = names("responses").filter((name) =>
    names("streams").includes(name.replace(".json", ".sse")),
  );
  it.each(answers.filter((name) => name !== "malformed-call.json"))("%s equals its stream", (name) => {
    const full = parseResponse(readJson(`responses/${name}`), request());
    expect(full).toEqual(foldEvents(parseAll([readText(`streams/${name.replace(".json", ".sse")}`)])));
    expect(foldEvents(replay(full))).toEqual(full);
  });

  it("trap 33: reads thoughts, text and whole calls in their order; STOP with calls means calls", () => {
    expect(foldEvents(stream("thinking-and-tools.sse"))).toEqual({
      id: "zxHfaK2CEr6Uz7IPmquiwAQ",
      model: "gemini-3-pro-preview",
      content: [
        { type: "thinking", text: "**Weather**\n\nTwo cities, so two calls." },
        { type: "text", text: "I look." },
        {
          type: "tool-call",
          id: "",
          name: "get_weather",
          args: JSON.stringify({ city: "Paris", note: `it's "quoted" {brace}` }),
          signature: { origin: "gemini", value: "CiQB0e2Kb1c2lnbmF0dXJl" },
        },
        { type: "tool-call", id: "rome-1", name: "get_weather", args: '{"city":"Rome"}' },
        { type: "tool-call", id: "", name: "list_files", args: "{}" },
      ],
      finishReason: "tool-calls",
      usage: { inputTokens: 80, outputTokens: 76, reasoningTokens: 41 },
    });
  });

  it("trap 19: leaves a call without id to whoever makes ids", () => {
    const starts = stream("thinking-and-tools.sse").filter((event) => event.type === "tool-start");
    expect(starts.map((event) => event.id)).toEqual([undefined, "rome-1", undefined]);
  });

  it("trap 34: a thought is never text as well, and is sealed by the signature that follows it", () => {
    const sealed = { origin: "gemini", value: "QUFBQQ==" };
    expect(foldEvents(stream("signed-text.sse")).content).toEqual([
      { type: "thinking", text: "Let me add that up.", signature: sealed },
      { type: "text", text: "It is 4." },
    ]);
    expect(foldEvents(stream("signed-thought.sse")).content).toEqual([
      { type: "thinking", text: "Hm.", signature: sealed },
      { type: "text", text: "Yes." },
    ]);
  });

  it("trap 36: counts thoughts, tool prompts and what came from the cache in", () => {
    expect(finish("text")).toMatchObject({ usage: { inputTokens: 12, outputTokens: 9, cachedTokens: 4 } });
    expect(finish("only-thoughts")).toMatchObject({ reason: "length", usage: { outputTokens: 64 } });
    expect(finish("code-execution")).toMatchObject({ usage: { inputTokens: 40, outputTokens: 20 } });
  });

  it("trap 35: takes counts that come after the finish reason", () => {
    expect(finish("late-usage")).toEqual({
      type: "finish",
      reason: "stop",
      usage: { inputTokens: 3, outputTokens: 1 },
    });
  });

  it.each([
    "SAFETY",
    "RECITATION",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "LANGUAGE",
    "OTHER",
    "IMAGE_SAFETY",
    "NO_IMAGE",
  ])("trap 33: %s is a content filter", (finishReason) => {
    const events = parse([chunk([{ text: "a" }], { finishReason })]);
    expect(events.at(-1)).toEqual({ type: "finish", reason: "content-filter" });
  });

  it("takes a word it does not know for a plain end", () => {
    expect(parse([chunk([{ text: "a" }], { finishReason: "NEW" })]).at(-1)).toMatchObject({ reason: "stop" });
    expect(parse([chunk([{ functionCall: { name: "a" } }], { finishReason: "NEW" })]).at(-1)).toMatchObject({
      reason: "tool-calls",
    });
  });

  it("says why a prompt was blocked, though no finish reason comes", () => {
    expect(foldEvents(stream("blocked-prompt.sse"))).toMatchObject({
      content: [],
      refusal: "The prompt was blocked by the provider (PROHIBITED_CONTENT).",
      finishReason: "content-filter",
      usage: { inputTokens: 9, outputTokens: 0 },
    });
    expect(foldEvents(stream("recitation.sse")).refusal).toBe("The answer repeated a source.");
  });

  it("a malformed call is no answer, unless another call was made", () => {
    expect(failure("malformed-call.sse")).toMatchObject({
      kind: "upstream",
      code: "malformed_function_call",
    });
    const events = parse([
      chunk([{ functionCall: { name: "a" } }], { finishReason: "MALFORMED_FUNCTION_CALL" }),
    ]);
    expect(events.at(-1)).toMatchObject({ reason: "tool-calls" });
    expect(() => parseResponse(readJson("responses/malformed-call.json"), request())).toThrow(
      /cannot be read/,
    );
  });

  it("traps 38 and 39: errors inside the stream and a stream cut off are errors", () => {
    expect(failure("error-first.sse")).toMatchObject({ kind: "rate-limit", retryAfterMs: 13_000 });
    expect(failure("error-midway.sse")).toMatchObject({ kind: "overloaded" });
    expect(failure("array-error.json")).toMatchObject({ kind: "upstream-auth" });
    expect(failure("cut-off.sse")).toMatchObject({
      kind: "upstream",
      message: expect.stringMatching(/ended before/),
    });
    expect(parse([""]).at(-1)?.type).toBe("error");
    expect(parse(["<html>bad gateway</html>"]).at(-1)?.type).toBe("error");
    expect(parse(["data: {not json\n\n"]).at(-1)?.type).toBe("error");
  });

  it("a stream cut off behind its finish reason is an answer", () => {
    const events = parse([chunk([{ text: "a" }], { finishReason: "STOP" }), 'data: {"usageMeta']);
    expect(events.at(-1)).toEqual({ type: "finish", reason: "stop" });
  });

  it("reads the JSON array of a provider that takes no notice of alt=sse", () => {
    expect(foldEvents(stream("array.json")).content).toMatchObject([
      { type: "text", text: 'a { "b" ] \\' },
      { type: "tool-call", name: "get_weather", args: '{"city":"}]\\"["}' },
    ]);
  });

  it("trap 17: reads imitators, and takes a gateway's namespace off a tool's name", () => {
    const tools = [weather];
    expect(foldEvents(parse([readText("streams/imitator.sse")], request({ tools })))).toMatchObject({
      content: [
        { type: "text", text: "I look." },
        { type: "tool-call", name: "get_weather", args: '{"city": "Paris"}' },
      ],
      finishReason: "tool-calls",
      usage: { inputTokens: 4, outputTokens: 5 },
    });
  });

  it("reads media, Google's own tools and token probabilities", () => {
    expect(foldEvents(stream("image.sse")).content).toMatchObject([
      { type: "text" },
      { type: "media", mimeType: "image/png", source: { kind: "base64", data: "iVBORw0KGgo=" } },
    ]);
    const [said] = foldEvents(stream("code-execution.sse")).content;
    expect(said).toMatchObject({ text: expect.stringMatching(/print\(2 \+ 2\)[^]*4\n[^]*It is 4\.$/) });
    expect(foldEvents(stream("logprobs.sse")).logprobs).toEqual([
      {
        token: "Hi",
        logprob: -0.1,
        bytes: [72, 105],
        top_logprobs: [
          { token: "Hi", logprob: -0.1, bytes: [72, 105] },
          { token: "Hey", logprob: -2, bytes: [72, 101, 121] },
        ],
      },
      expect.objectContaining({ token: "🌍", bytes: [240, 159, 140, 141] }),
    ]);
  });

  it("trap 32: takes only what is new of texts that grow, where the provider is known for it", () => {
    const pieces = ["a", "a a", "a a b"].map((text) => chunk([{ text }])).join("");
    const parser = createStreamParser(request(), { quirks: { cumulative: true } });
    const text = (events: StreamEvent[]) =>
      events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
    expect(text(parser.push(pieces))).toBe("a a b");
    expect(text(parse([pieces]))).toBe("aa aa a b");
  });
});

describe("parseResponse", () => {
  it("is lenient where nothing can be missing, and refuses what is no answer", () => {
    expect(parseResponse(readJson("responses/no-usage.json"), request())).toMatchObject({
      content: [{ text: "Hello" }],
      finishReason: "stop",
    });
    for (const body of [
      readJson("responses/no-candidates.json"),
      readJson("responses/error.json"),
      {},
      "x",
      null,
    ]) {
      expect(() => parseResponse(body, request())).toThrow(GatewayError);
    }
    const array = JSON.parse(readText("streams/array.json")) as unknown;
    expect(parseResponse(array, request()).finishReason).toBe("tool-calls");
  });

  it("survives what is nested without end", () => {
    const nested: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    expect(() => parseResponse(nested, request())).toThrow(GatewayError);
  });
});
