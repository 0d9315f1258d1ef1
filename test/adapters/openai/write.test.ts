import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents, replay } from "../../../adapters/fold.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { writeResponse } from "../../../adapters/openai/write-response.ts";
import { createStreamWriter } from "../../../adapters/openai/write-stream.ts";
import { listStreams, loadStream, makeContext, request } from "./load.ts";
import type { WriteContext } from "../../../adapters/adapter.ts";
import type { StreamEvent, UnifiedRequest, UnifiedResult } from "../../../adapters/unified.ts";

const usage = { inputTokens: 12, outputTokens: 7, cachedTokens: 8, reasoningTokens: 3 };
const wireUsage = {
  prompt_tokens: 12,
  completion_tokens: 7,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 3,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const served = { service_tier: "default", system_fingerprint: "fp_ccproxy" };
const includeUsage: Partial<UnifiedRequest> = {
  extra: { openai: { stream_options: { include_usage: true } } },
};

interface Chunk {
  choices: {
    delta: Record<string, unknown>;
    text?: string;
    logprobs: unknown;
    finish_reason: string | null;
  }[];
  usage?: unknown;
}

function write(events: StreamEvent[], context: WriteContext = makeContext()) {
  const writer = createStreamWriter(context);
  const text = writer.push(events) + writer.end();
  const frames = text.split("\n\n").filter((frame) => frame !== "");
  const chunks = frames
    .filter((frame) => frame !== "data: [DONE]")
    .map((frame) => JSON.parse(frame.slice(6)) as Chunk);
  return {
    text,
    chunks,
    deltas: chunks.flatMap((chunk) => chunk.choices?.map((choice) => choice.delta) ?? []),
  };
}
const calls: StreamEvent[] = [
  { type: "start" },
  { type: "thinking-delta", text: "hm" },
  { type: "text-delta", text: "Hi" },
  { type: "tool-start", index: 0, id: "a", name: "get_weather" },
  { type: "tool-start", index: 1, id: "b", name: "now" },
  { type: "tool-delta", index: 0, json: '{"city":' },
  { type: "tool-delta", index: 1, json: "{}" },
  { type: "tool-delta", index: 0, json: '"Paris"}' },
  { type: "finish", reason: "tool-calls", usage },
];

describe("stream", () => {
  it("writes the role first and once, each call with its index, the finish, and [DONE]", () => {
    const { text, chunks, deltas } = write(calls);
    expect(deltas).toEqual([
      { role: "assistant", content: "", refusal: null, annotations: [] },
      { reasoning_content: "hm" },
      { content: "Hi" },
      {
        tool_calls: [
          { index: 0, id: "a", type: "function", function: { name: "get_weather", arguments: "" } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"Paris"}' } }] },
      { tool_calls: [{ index: 1, id: "b", type: "function", function: { name: "now", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
      {},
    ]);
    expect(chunks[0]).toEqual({
      id: "chatcmpl-id0",
      object: "chat.completion.chunk",
      created: 1_750_000_000,
      model: "some-model",
      ...served,
      choices: [
        {
          index: 0,
          delta: { role: "assistant", content: "", refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: null,
        },
      ],
    });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
    expect(chunks.every((chunk) => !("usage" in chunk))).toBe(true);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("trap 35: writes usage in a chunk of its own when asked, null in the others", () => {
    const { chunks } = write(calls, makeContext(includeUsage));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: wireUsage });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it("trap 37: usage is zeros when unknown", () => {
    const { chunks } = write([{ type: "finish", reason: "stop" }], makeContext(includeUsage));
    expect(chunks.at(-1)?.usage).toEqual({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { ...wireUsage.completion_tokens_details, reasoning_tokens: 0 },
    });
  });

  it("says nothing before the model does, so that an error can still be a status", () => {
    const writer = createStreamWriter(makeContext());
    expect(writer.push([{ type: "start" }])).toBe("");
  });

  it("trap 39: an error ends the stream without [DONE]", () => {
    const error = new GatewayError("overloaded", "busy");
    const { text } = write([
      { type: "text-delta", text: "Hi" },
      { type: "error", error },
      { type: "text-delta", text: "!" },
    ]);
    expect(text.split("\n\n").at(-2)).toBe(
      'data: {"error":{"message":"busy","type":"server_error","param":null,"code":"overloaded"}}',
    );
  });

  it("gives a custom tool its free text back, whole", () => {
    const { deltas } = write([
      { type: "tool-start", index: 0, id: "a", name: "apply_patch" },
      { type: "tool-delta", index: 0, json: '{"input":"*** ' },
      { type: "tool-delta", index: 0, json: 'Begin\\n"}' },
      { type: "finish", reason: "tool-calls" },
    ]);
    expect(deltas[1]).toEqual({
      tool_calls: [
        { index: 0, id: "a", type: "custom", custom: { name: "apply_patch", input: "*** Begin\n" } },
      ],
    });
  });

  it("answers `functions` with function_call", () => {
    const { chunks, deltas } = write(calls, makeContext({ extra: { openai: { functions: [] } } }));
    expect(deltas.filter((delta) => "function_call" in delta)).toEqual([
      { function_call: { name: "get_weather", arguments: "" } },
      { function_call: { arguments: '{"city":' } },
      { function_call: { arguments: '"Paris"}' } },
    ]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("function_call");
    expect(deltas.some((delta) => "tool_calls" in delta)).toBe(false);
  });

  it("puts token probabilities with their text", () => {
    const { chunks } = write([
      { type: "text-delta", text: "Hi" },
      { type: "logprobs", logprobs: [{ token: "Hi" }] },
    ]);
    expect(chunks.at(-1)?.choices[0]).toMatchObject({
      delta: { content: "Hi" },
      logprobs: { content: [{ token: "Hi" }] },
    });
  });

  it("writes pictures, refusals and seals of other protocols' signatures", () => {
    const { deltas } = write([
      {
        type: "media",
        media: { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AA==" } },
      },
      { type: "refusal-delta", text: "No." },
      { type: "tool-start", index: 0, id: "a", name: "now", signature: { origin: "gemini", value: "s" } },
    ]);
    expect(deltas.slice(1)).toMatchObject([
      { images: [{ type: "image_url", index: 0, image_url: { url: "data:image/png;base64,AA==" } }] },
      { refusal: "No." },
      { tool_calls: [{ extra_content: { google: { thought_signature: "ccproxy.gemini.s" } } }] },
    ]);
  });
});

describe("full answer", () => {
  const result: UnifiedResult = foldEvents(calls);

  it("trap 11: content is null beside calls alone, text otherwise", () => {
    expect(writeResponse(result, makeContext())).toEqual({
      id: "chatcmpl-id0",
      object: "chat.completion",
      created: 1_750_000_000,
      model: "some-model",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "Hi",
            refusal: null,
            annotations: [],
            reasoning_content: "hm",
            tool_calls: [
              { id: "a", type: "function", function: { name: "get_weather", arguments: '{"city":"Paris"}' } },
              { id: "b", type: "function", function: { name: "now", arguments: "{}" } },
            ],
          },
          logprobs: null,
          finish_reason: "tool_calls",
        },
      ],
      usage: wireUsage,
      ...served,
    });
    const bare = { ...result, content: result.content.filter((part) => part.type === "tool-call") };
    expect(writeResponse(bare, makeContext())).toMatchObject({ choices: [{ message: { content: null } }] });
    expect(writeResponse({ content: [], finishReason: "stop" }, makeContext())).toMatchObject({
      choices: [{ message: { content: "", refusal: null } }],
      usage: { total_tokens: 0 },
    });
  });

  it("answers `functions` with function_call", () => {
    expect(writeResponse(result, makeContext({ extra: { openai: { functions: [] } } }))).toMatchObject({
      choices: [{ message: { function_call: { name: "get_weather" } }, finish_reason: "function_call" }],
    });
  });
});

describe("one path", () => {
  // Sources without a place are written with that of the whole text.
  const broken = new Set(["cut", "html", "error", "error-openrouter", "error-named", "sources"]);
  it.each(listStreams().filter((name) => !broken.has(name)))(
    "%s: what we write is read back the same",
    (name) => {
      const parser = createStreamParser(request);
      const result = foldEvents([...parser.push(loadStream(name)), ...parser.end()]);
      const context = makeContext(includeUsage);
      const events = foldEvents(readBack(write(replay(result), context).text));
      // Counts are written whole, zeros where nothing is known.
      const zeros = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 };
      const known = Object.entries(result.usage ?? {}).filter(([, tokens]) => tokens !== undefined);
      const own = { id: "chatcmpl-id0", usage: { ...zeros, ...Object.fromEntries(known) } };
      expect(events).toEqual({ ...result, ...own, model: "some-model" });
      expect(parseResponse(writeResponse(result, context), request)).toEqual(events);
    },
  );

  function readBack(text: string): StreamEvent[] {
    const parser = createStreamParser(request);
    return [...parser.push(text), ...parser.end()];
  }
});

describe("legacy completions", () => {
  it("writes text_completion objects and chunks", () => {
    const context = makeContext({ ...includeUsage, tools: undefined }, "completions");
    const events: StreamEvent[] = [
      { type: "start" },
      { type: "thinking-delta", text: "hm" },
      { type: "text-delta", text: "once" },
      {
        type: "logprobs",
        logprobs: [{ token: "once", logprob: -1, top_logprobs: [{ token: "once", logprob: -1 }] }],
      },
      { type: "finish", reason: "length", usage },
    ];
    const logprobs = {
      tokens: ["once"],
      token_logprobs: [-1],
      top_logprobs: [{ once: -1 }],
      text_offset: [0],
    };
    expect(writeResponse(foldEvents(events), context)).toEqual({
      id: "cmpl-id0",
      object: "text_completion",
      created: 1_750_000_000,
      model: "some-model",
      choices: [{ text: "once", index: 0, logprobs, finish_reason: "length" }],
      usage: wireUsage,
      system_fingerprint: "fp_ccproxy",
    });
    const { chunks, text } = write(events, context);
    expect(chunks).toMatchObject([
      { object: "text_completion", choices: [{ text: "once", logprobs, finish_reason: null }], usage: null },
      { choices: [{ text: "", finish_reason: "length" }] },
      { choices: [], usage: wireUsage },
    ]);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});
