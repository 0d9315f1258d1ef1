import { ResponseStream } from "openai/lib/responses/ResponseStream";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";
import { client, context, parse, parseFixture, plain, writeEvents, type WireEvent } from "./load.ts";

const usage = { inputTokens: 20, cachedTokens: 5, outputTokens: 9, reasoningTokens: 4 };
const claude = { origin: "claude", value: "EqQB" };
const all: StreamEvent[] = [
  { type: "start", id: "x", model: "y" },
  { type: "thinking-delta", text: "Let me " },
  { type: "thinking-delta", text: "think." },
  { type: "thinking-signature", signature: claude },
  { type: "thinking-signature", signature: { origin: "claude", value: "hidden" }, redacted: true },
  { type: "text-delta", text: "Hel" },
  { type: "logprobs", logprobs: [{ token: "Hel", logprob: -1, bytes: [72], top_logprobs: [] }] },
  { type: "text-delta", text: "lo" },
  { type: "tool-start", index: 0, id: "call_1", name: "exec" },
  { type: "tool-start", index: 1, id: "call_2", name: "sleep" },
  { type: "tool-delta", index: 1, json: '{"ms"' },
  { type: "tool-delta", index: 0, json: '{"input":"text(\\"' },
  { type: "tool-delta", index: 0, json: 'hi\\")"}' },
  { type: "tool-delta", index: 1, json: ":5}" },
  { type: "tool-start", index: 2, id: "call_3", name: "unlisted" },
  {
    type: "media",
    media: { type: "media", mimeType: "image/png", source: { kind: "base64", data: "iVBO" } },
  },
  {
    type: "media",
    media: { type: "media", mimeType: "audio/wav", source: { kind: "url", url: "https://a/b.wav" } },
  },
  { type: "refusal-delta", text: "But not that." },
  { type: "finish", reason: "tool-calls", usage },
];
const codeMode = parseFixture("codex-code-mode.turn1");
const last = (events: WireEvent[]) => events.at(-1)?.response as Record<string, unknown>;

describe("everything in one answer", () => {
  const events = writeEvents(all, codeMode);

  it("is numbered without gaps and framed by created and completed", () => {
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["response.created", "response.in_progress"]);
    expect(events.at(-1)?.type).toBe("response.completed");
  });

  it("opens and closes every item in order", () => {
    const of = (type: string) =>
      events.filter((event) => event.type === type).map((event) => event.output_index);
    const indexes = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(of("response.output_item.added")).toEqual(indexes);
    expect(of("response.output_item.done")).toEqual(indexes);
  });

  it("gives text its whole sequence", () => {
    const types = events.filter((event) => event.output_index === 2).map(({ type }) => type);
    expect(types).toEqual([
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      // Token probabilities, which come behind their text.
      "response.output_text.delta",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
    ]);
  });

  it("fact 8 and 9: calls carry namespace, kind and call id the client knows", () => {
    const output = last(events).output as Record<string, unknown>[];
    expect(output[3]).toMatchObject({
      type: "custom_tool_call",
      id: expect.stringMatching(/^ctc_/),
      call_id: "call_1",
      name: "exec",
      namespace: "functions",
      input: 'text("hi")',
    });
    expect(output[4]).toMatchObject({
      type: "function_call",
      call_id: "call_2",
      name: "sleep",
      namespace: "clock",
      arguments: '{"ms":5}',
    });
    expect(output[5]).toMatchObject({ type: "function_call", name: "unlisted", arguments: "{}" });
    expect(output[5]).not.toHaveProperty("namespace");
  });

  it("repeats in the last event what a full answer has", () => {
    const full = client.writeResponse(foldEvents(all), context(codeMode)) as Record<string, unknown>;
    expect(last(events).output).toEqual(full.output);
    expect(last(events)).toEqual(full);
  });

  it("says usage with all details", () => {
    expect(last(events).usage).toEqual({
      input_tokens: 20,
      input_tokens_details: { cached_tokens: 5, cache_write_tokens: 0 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 29,
    });
  });

  it("is understood by the official SDK", async () => {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const stream = ResponseStream.fromReadableStream(new Blob([lines]).stream());
    const final = await stream.finalResponse();
    expect(final.output_text).toBe("Hello[audio/wav](https://a/b.wav)");
    expect(final.output).toHaveLength(9);
  });

  it("trap 21: signatures of others come back as they were", () => {
    const output = last(events).output as object[];
    const { messages } = parse({ model: "m", input: output.slice(0, 2) });
    expect(messages[0]?.content).toEqual([
      { type: "thinking", text: "Let me think.", signature: claude },
      { type: "thinking", text: "", signature: { origin: "claude", value: "hidden" }, redacted: true },
    ]);
  });
});

it("the same whether events come one by one or at once", () => {
  const at = { writer: client.createStreamWriter(context(codeMode)) };
  const single = all.map((event) => at.writer.push([event])).join("") + at.writer.end();
  const whole = client.createStreamWriter(context(codeMode));
  expect(single).toBe(whole.push(all) + whole.end());
});

it.each([
  ["length", "response.incomplete", "incomplete", { reason: "max_output_tokens" }],
  ["content-filter", "response.incomplete", "incomplete", { reason: "content_filter" }],
  ["stop", "response.completed", "completed", null],
  ["pause", "response.completed", "completed", null],
] as const)("trap 33: %s ends with %s", (reason, type, status, incomplete_details) => {
  const events = writeEvents([
    { type: "text-delta", text: "Hi" },
    { type: "finish", reason },
  ]);
  expect(events.at(-1)).toMatchObject({
    type,
    response: { status, incomplete_details, output: [{ status }], usage: { total_tokens: 0 } },
  });
});

it.each([
  [new GatewayError("upstream", "broken"), "server_error", "broken"],
  [new GatewayError("overloaded", "busy"), "server_error", "busy"],
  [
    new GatewayError("rate-limit", "Too fast.", { retryAfterMs: 2500 }),
    "rate_limit_exceeded",
    "Too fast. Please try again in 2.5s.",
  ],
  [
    new GatewayError("rate-limit", "No money", { code: "insufficient_quota" }),
    "insufficient_quota",
    "No money",
  ],
  [
    new GatewayError("invalid-request", "Too long", { code: "context_length_exceeded" }),
    "context_length_exceeded",
    "Too long",
  ],
])("trap 39: an error inside the stream is response.failed (%#)", (error, code, message) => {
  const events = writeEvents([
    { type: "text-delta", text: "Hi" },
    { type: "error", error },
  ]);
  expect(events.at(-1)).toMatchObject({
    type: "response.failed",
    response: { status: "failed", error: { code, message }, output: [] },
  });
  expect(events.map(({ type }) => type)).not.toContain("response.completed");
});

it("an error before anything else still opens the response", () => {
  const types = writeEvents([{ type: "error", error: new GatewayError("timeout", "late") }]).map(
    ({ type }) => type,
  );
  expect(types).toEqual(["response.created", "response.in_progress", "response.failed"]);
});

it("an empty answer is a whole one, and no events are no bytes", () => {
  expect(last(writeEvents([{ type: "finish", reason: "stop" }]))).toMatchObject({
    status: "completed",
    output: [],
  });
  const writer = client.createStreamWriter(context(plain()));
  expect(writer.push([]) + writer.end()).toBe("");
});

it("a full answer names every field the SDK type demands", () => {
  const request: UnifiedRequest = parse({
    model: "given/name",
    input: "x",
    instructions: "Be brief.",
    temperature: 0.5,
    metadata: { a: "b" },
    reasoning: { effort: "low", summary: "auto" },
    text: { verbosity: "low", format: { type: "json_schema", name: "n", schema: {}, strict: true } },
    store: false,
    tools: [{ type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false }],
    tool_choice: { type: "function", name: "f" },
  });
  const body = client.writeResponse(
    { content: [{ type: "text", text: "Hi" }], finishReason: "stop" },
    context(request),
  );
  expect(body).toEqual({
    id: `resp_${"R".repeat(24)}`,
    object: "response",
    created_at: 1_760_000_000,
    completed_at: 1_760_000_002,
    status: "completed",
    access_programs: null,
    background: false,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: "Be brief.",
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: { a: "b" },
    model: "given/name",
    moderation: null,
    output: [
      {
        id: `msg_${"R".repeat(24)}0`,
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: "Hi", annotations: [], logprobs: [] }],
      },
    ],
    parallel_tool_calls: true,
    presence_penalty: 0,
    previous_response_id: null,
    prompt_cache_key: null,
    prompt_cache_retention: null,
    reasoning: { effort: "low", summary: "auto" },
    safety_identifier: null,
    service_tier: "default",
    store: false,
    temperature: 0.5,
    text: {
      verbosity: "low",
      format: { type: "json_schema", name: "n", description: null, schema: {}, strict: true },
    },
    tool_choice: { type: "function", name: "f" },
    tools: [
      {
        type: "function",
        name: "f",
        description: null,
        parameters: { type: "object", properties: {} },
        strict: false,
      },
    ],
    top_logprobs: 0,
    top_p: 1,
    truncation: "disabled",
    usage: {
      input_tokens: 0,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 0,
    },
    user: null,
  });
});

describe("a custom tool's text comes as it is written", () => {
  const patch = '*** Begin "x"\n+😀\n*** End';
  const args = JSON.stringify({ input: patch }).replace("😀", "\\ud83d\\ude00");
  const pieces = args.match(/[\s\S]{1,3}/g) ?? [];
  const written = writeEvents(
    [
      { type: "tool-start", index: 0, id: "call_1", name: "exec" },
      ...pieces.map((json): StreamEvent => ({ type: "tool-delta", index: 0, json })),
      { type: "finish", reason: "tool-calls" },
    ],
    codeMode,
  );
  const deltas = written
    .filter(({ type }) => type === "response.custom_tool_call_input.delta")
    .map(({ delta }) => String(delta));

  it("piece by piece, no half characters", () => {
    expect(deltas.length).toBeGreaterThan(5);
    expect(deltas.join("")).toBe(patch);
    expect(deltas.every((delta) => !/[\ud800-\udbff]$/.test(delta))).toBe(true);
    expect(written.find(({ type }) => type.endsWith("input.done"))).toMatchObject({ input: patch });
    expect(last(written).output).toMatchObject([{ type: "custom_tool_call", input: patch }]);
  });

  it("cut off, with what there is", () => {
    const cut = writeEvents(
      [
        { type: "tool-start", index: 0, id: "call_1", name: "exec" },
        { type: "tool-delta", index: 0, json: '{"input":"half a lin' },
        { type: "finish", reason: "length" },
      ],
      codeMode,
    );
    expect(last(cut).output).toMatchObject([{ input: "half a lin", status: "incomplete" }]);
    expect(cut.find(({ type }) => type.endsWith("input.delta"))).toMatchObject({ delta: "half a lin" });
  });
});

it("token probabilities are in the deltas too", () => {
  const told = events(all).filter(({ type }) => type === "response.output_text.delta");
  expect(told.flatMap(({ logprobs }) => logprobs)).toEqual([
    { token: "Hel", logprob: -1, bytes: [72], top_logprobs: [] },
  ]);
});
const events = (list: StreamEvent[]): WireEvent[] => writeEvents(list, codeMode);

it("settings are given back as the API does it", () => {
  const search = { type: "web_search", external_web_access: true };
  const choice = { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] };
  const request = parse({
    model: "m",
    input: [
      {
        type: "additional_tools",
        role: "developer",
        tools: [{ type: "function", name: "g", parameters: {} }],
      },
      { role: "user", content: "x" },
    ],
    tools: [{ type: "function", name: "f", parameters: null }, search],
    tool_choice: choice,
    parallel_tool_calls: false,
    service_tier: "fast",
    text: { format: { type: "json_schema", name: "n", schema: {} } },
    truncation: "auto",
    max_tool_calls: 3,
    safety_identifier: "s",
    prompt_cache_key: "k",
    metadata: null,
  });
  const told = writeEvents(
    [
      { type: "text-delta", text: "x" },
      { type: "finish", reason: "stop" },
    ],
    request,
  );
  expect(told[0]?.response).toMatchObject({
    status: "in_progress",
    completed_at: null,
    service_tier: "fast",
    usage: null,
  });
  expect(last(told)).toMatchObject({
    tools: [{ type: "function", name: "f", description: null, parameters: null, strict: null }, search],
    tool_choice: choice,
    parallel_tool_calls: false,
    service_tier: "priority",
    text: {
      format: { type: "json_schema", name: "n", description: null, schema: {}, strict: false },
      verbosity: "medium",
    },
    truncation: "auto",
    max_tool_calls: 3,
    safety_identifier: "s",
    prompt_cache_key: "k",
    metadata: {},
  });
  const plainTold = writeEvents([{ type: "finish", reason: "length" }]);
  expect(plainTold[0]?.response).toMatchObject({ service_tier: "auto" });
  expect(last(plainTold)).toMatchObject({
    service_tier: "default",
    completed_at: null,
    temperature: 1,
    top_p: 1,
  });
});

it("items of another conversation's own tools are given whole, with their number", () => {
  const item = {
    id: "ws_1",
    type: "web_search_call",
    status: "completed",
    action: { type: "search", query: "q" },
  };
  const told = writeEvents([
    { type: "text-delta", text: "One." },
    { type: "native", native: { origin: "openai-responses", body: item } },
    { type: "native", native: { origin: "claude", body: { type: "server_tool_use" } } },
    { type: "text-delta", text: "\n\nTwo." },
    { type: "text-delta", text: " Three.", apart: "plain" },
    { type: "finish", reason: "stop" },
  ]);
  expect(last(told).output).toMatchObject([
    { content: [{ text: "One." }] },
    item,
    { content: [{ text: "Two. Three." }] },
  ]);
  const about = told.filter(({ output_index }) => output_index === 1);
  expect(about.map(({ type }) => type)).toEqual(["response.output_item.added", "response.output_item.done"]);
});
