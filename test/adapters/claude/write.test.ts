import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { claude } from "../../../adapters/claude/index.ts";
import { parseResponse } from "../../../adapters/claude/parse-response.ts";
import { createStreamParser } from "../../../adapters/claude/parse-stream.ts";
import { writeResponse } from "../../../adapters/claude/write-response.ts";
import { createStreamWriter } from "../../../adapters/claude/write-stream.ts";
import { GatewayError, type ErrorKind } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import type { WriteContext } from "../../../adapters/adapter.ts";
import type { Citation, StreamEvent, UnifiedResult } from "../../../adapters/unified.ts";
import { isObject } from "../../../adapters/validate.ts";
import { call, context, names, readJson, readText, request } from "./fixtures.ts";

const USAGE = [
  "cache_creation",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
  "inference_geo",
  "input_tokens",
  "output_tokens",
  "output_tokens_details",
  "server_tool_use",
  "service_tier",
  "speed",
];

type Frame = { type: string; index?: number; [key: string]: unknown };

function write(events: StreamEvent[]): string {
  const writer = createStreamWriter(context());
  return writer.push(events) + writer.end();
}
const frames = (text: string): Frame[] =>
  text.split("\n\n").flatMap((frame) => {
    if (frame === "") return [];
    const [event = "", data = ""] = frame.split("\n");
    const parsed = JSON.parse(data.slice(6)) as Frame;
    expect(event).toBe(`event: ${parsed.type}`);
    return [parsed];
  });
const readEvents = (name: string): StreamEvent[] => {
  const parser = createStreamParser(request());
  return [...parser.push(readText(`streams/${name}`)), ...parser.end()];
};
const finish: StreamEvent = { type: "finish", reason: "stop" };
const client = (body: string) =>
  new Anthropic({
    apiKey: "k",
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
  });
const params = { model: "m", max_tokens: 10, messages: [{ role: "user" as const, content: "hi" }] };

/** Trap 29: the order Claude's clients rely on. */
function checkLifecycle(events: Frame[]): void {
  // One ping, behind the first block's start, or in its place where there is no block.
  const isEmpty = events.every(({ type }) => type !== "content_block_start");
  const at = isEmpty ? 1 : 2;
  expect(events[0]?.type).toBe("message_start");
  expect(events.flatMap(({ type }, index) => (type === "ping" ? [index] : []))).toEqual([at]);
  const all = events.toSpliced(at, 1);
  expect(all.slice(-2).map(({ type }) => type)).toEqual(["message_delta", "message_stop"]);
  let open: number | undefined;
  let next = 0;
  for (const { type, index } of all.slice(1, -2)) {
    if (type === "content_block_start") {
      expect(open).toBeUndefined();
      expect(index).toBe(next++);
      open = index;
    } else {
      expect(index).toBe(open);
      if (type === "content_block_stop") open = undefined;
      else expect(type).toBe("content_block_delta");
    }
  }
  expect(open).toBeUndefined();
}

describe("createStreamWriter", () => {
  const whole = names("streams").filter((name) => !/^(cut-off|error)/.test(name));

  it.each(whole)("trap 29: %s keeps the block lifecycle, and the SDK reads the same answer", async (name) => {
    const events = readEvents(name);
    const asked = { ...context(), call: call("chat", "beta=true") };
    const writer = createStreamWriter(asked);
    const text = writer.push(events) + writer.end();
    checkLifecycle(frames(text));
    const { parsed_output: _parsed, ...message } = await client(text)
      .beta.messages.stream(params)
      .finalMessage();
    const full = writeResponse(foldEvents(events), asked) as typeof message;
    const settled = ({ content, ...rest }: typeof message) => ({
      ...rest,
      // Ids are made anew, and arguments that were cut off are read as none.
      content: content.map((block) =>
        block.type === "tool_use"
          ? { ...block, id: "", ...(name === "max-tokens-in-tool.sse" && { input: {} }) }
          : block,
      ),
    });
    expect(settled(message)).toEqual(settled(full));
  });

  it("writes the frames of thoughts and a call exactly", () => {
    const text = write([
      { type: "start", id: "x", model: "theirs" },
      { type: "thinking-delta", text: "hm" },
      { type: "thinking-signature", signature: { origin: "claude", value: "Eq" } },
      { type: "tool-start", index: 0, id: "t1", name: "read" },
      { type: "tool-delta", index: 0, json: '{"a":' },
      { type: "tool-delta", index: 0, json: "1}" },
      { type: "finish", reason: "tool-calls", usage: { inputTokens: 10, outputTokens: 5, cachedTokens: 4 } },
    ]);
    const zero = {
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
      output_tokens_details: null,
      server_tool_use: null,
    };
    const caller = { type: "direct" };
    expect(frames(text)).toEqual([
      {
        type: "message_start",
        message: {
          id: `msg_${"a".repeat(24)}`,
          type: "message",
          role: "assistant",
          model: "asked-for",
          content: [],
          container: null,
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: {
            ...zero,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            service_tier: "standard",
            inference_geo: "not_available",
            speed: null,
          },
          diagnostics: null,
        },
      },
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "thinking", thinking: "", signature: "" },
      },
      { type: "ping" },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "Eq" } },
      { type: "content_block_stop", index: 0 },
      {
        type: "content_block_start",
        index: 1,
        content_block: { type: "tool_use", id: "t1", name: "read", input: {}, caller },
      },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"a":' } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: "1}" } },
      { type: "content_block_stop", index: 1 },
      {
        type: "message_delta",
        delta: { stop_reason: "tool_use", stop_sequence: null, stop_details: null, container: null },
        usage: { ...zero, input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 5 },
      },
      { type: "message_stop" },
    ]);
  });

  it("seals signatures of other protocols, and opens them when they come back", () => {
    const signature = { origin: "gemini", value: "abc" };
    const events: StreamEvent[] = [
      { type: "thinking-delta", text: "hm" },
      { type: "thinking-signature", signature },
      finish,
    ];
    const content = frames(write(events)).flatMap(({ delta }) => (delta ? [delta] : []));
    expect(content).toContainEqual({ type: "signature_delta", signature: "ccproxy.gemini.abc" });
    const message = writeResponse(foldEvents(events), context()) as { content: unknown[] };
    const back = claude.client?.parseRequest(
      {
        model: "m",
        messages: [
          { role: "user", content: "hi" },
          { role: "assistant", content: message.content },
        ],
      },
      call(),
    );
    expect(back?.messages[1]?.content).toEqual([{ type: "thinking", text: "hm", signature }]);
  });

  it("trap 31: writes interleaved calls one after another, {} for none, and an id for each", () => {
    const text = write([
      { type: "tool-start", index: 0, name: "a" },
      { type: "tool-start", index: 1, name: "b" },
      { type: "tool-delta", index: 1, json: '{"x":1}' },
      { type: "finish", reason: "stop" },
    ]);
    const all = frames(text);
    checkLifecycle(all);
    expect(
      all.filter(({ type }) => type === "content_block_start").map(({ content_block }) => content_block),
    ).toEqual([
      { type: "tool_use", id: "toolu_new1", name: "a", input: {}, caller: { type: "direct" } },
      { type: "tool_use", id: "toolu_new2", name: "b", input: {}, caller: { type: "direct" } },
    ]);
    expect(text).toContain('"partial_json":"{}"');
    // Trap 33: calls make the reason tool_use, whatever the provider said.
    expect(all.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" } });
  });

  it("shows media and refusals as text", () => {
    const media = { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AA==" } } as const;
    const events: StreamEvent[] = [{ type: "media", media }, { type: "refusal-delta", text: "No." }, finish];
    const all = frames(write(events));
    checkLifecycle(all);
    expect(all.at(-2)).toMatchObject({
      delta: { stop_reason: "refusal", stop_details: { type: "refusal" } },
    });
    expect(writeResponse(foldEvents(events), context())).toMatchObject({
      stop_details: { type: "refusal", category: null, explanation: null },
      content: [
        { type: "text", text: "![image/png](data:image/png;base64,AA==)" },
        { type: "text", text: "No." },
      ],
      stop_reason: "refusal",
    });
  });

  it("trap 37: always writes counts", () => {
    expect(frames(write([finish])).at(-2)).toMatchObject({ usage: { input_tokens: 0, output_tokens: 0 } });
    expect(writeResponse({ content: [], finishReason: "stop" }, context())).toMatchObject({
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  it("trap 39: an error ends the stream without message_stop, and the SDK throws it", async () => {
    const error = new GatewayError("overloaded", "too busy");
    const text = write([{ type: "text-delta", text: "Hel" }, { type: "error", error }, finish]);
    const last = frames(text).at(-1);
    expect(last).toEqual({
      type: "error",
      error: { details: null, type: "overloaded_error", message: "too busy" },
      request_id: "req_1",
    });
    await expect(client(text).messages.stream(params).finalMessage()).rejects.toThrow("too busy");
  });
});

describe("writeResponse", () => {
  it.each(names("responses"))("gives %s back", (name) => {
    const body = readJson(`responses/${name}`);
    const written = writeResponse(parseResponse(body, request()), context()) as Record<string, unknown>;
    expect(written).toMatchObject({ type: "message", role: "assistant", model: "asked-for" });
    if (body.stop_reason) expect(written.stop_reason).toBe(body.stop_reason);
    expect(written.stop_sequence).toBe(body.stop_sequence ?? null);
    expect(written.container).toEqual(body.container ?? null);
    if (body.usage) expect(written.usage).toMatchObject(body.usage);
    const withCaller = ({ citations, ...block }: Record<string, unknown>) => ({
      ...(block.type === "tool_use" && { caller: { type: "direct" } }),
      ...(citations ? { citations } : {}),
      ...block,
    });
    // A refusal's explanation is told as text.
    if (name !== "refusal.json")
      expect(written.content).toEqual((body.content as Record<string, unknown>[]).map(withCaller));
  });

  it("has every field that the types of the SDK have always", () => {
    const message = writeResponse(
      parseResponse(readJson("responses/text.json"), request()),
      context(),
    ) as object;
    expect(Object.keys(message)).toEqual([
      "model",
      "id",
      "type",
      "role",
      "content",
      "container",
      "stop_reason",
      "stop_sequence",
      "stop_details",
      "usage",
      "diagnostics",
    ]);
    expect("usage" in message && Object.keys(message.usage as object).toSorted()).toEqual(USAGE);
  });

  it("tells beta clients what only they know, and which edits were made when they asked for any", () => {
    const asked = { extra: { claude: { context_management: { edits: [] } } } };
    const beta = (more: object): WriteContext => ({ ...context(more), call: call("chat", "beta=true") });
    const result: UnifiedResult = { content: [], finishReason: "stop" };
    const message = writeResponse(result, beta({})) as { usage: object };
    expect(message).toMatchObject({ context_management: null });
    expect(Object.keys(message.usage).toSorted()).toEqual(
      [...USAGE, "fallback_credit", "iterations"].toSorted(),
    );
    expect(writeResponse(result, beta(asked))).toMatchObject({ context_management: { applied_edits: [] } });
    const writer = createStreamWriter(beta(asked));
    const all = frames(writer.push([finish]) + writer.end());
    expect(all[0]).toMatchObject({ message: { context_management: null } });
    expect(all.at(-2)).toMatchObject({ context_management: { applied_edits: [] } });
    expect(all.at(-2)?.usage).toMatchObject({ iterations: null, fallback_credit: null });
    expect(frames(write([finish]))[0]?.message).not.toHaveProperty("context_management");
  });
});

describe("citations", () => {
  const told = (citation: Citation): unknown[] => {
    const events: StreamEvent[] = [
      { type: "text-delta", text: "so" },
      { type: "citation", citation },
      finish,
    ];
    const all = frames(write(events));
    const streamed = all.flatMap(({ delta }) =>
      isObject(delta) && delta.type === "citations_delta" ? [delta.citation] : [],
    );
    const { content } = writeResponse(foldEvents(events), context()) as {
      content: { citations?: unknown[] }[];
    };
    expect(content).toEqual([
      { type: "text", text: "so", ...(streamed.length > 0 && { citations: streamed }) },
    ]);
    return streamed;
  };

  it("go to Claude's clients as Claude wrote them", () => {
    const body = { type: "page_location", cited_text: "x", document_index: 0 };
    expect(told({ quote: "x", native: { origin: "claude", body } })).toEqual([body]);
  });

  it("of other providers are a web search's, with an index that says it is not Anthropic's", () => {
    const native = { origin: "gemini", body: {} };
    expect(told({ url: "https://a.b/c", title: "T", quote: "q", native })).toEqual([
      {
        type: "web_search_result_location",
        cited_text: "q",
        url: "https://a.b/c",
        title: "T",
        encrypted_index: "ccproxy.gemini.",
      },
    ]);
    expect(told({ url: "https://a.b/c" })).toMatchObject([
      { title: "https://a.b/c", cited_text: "", encrypted_index: "ccproxy.." },
    ]);
  });

  it("without an address have no form there", () => {
    expect(told({ title: "report.pdf", quote: "q" })).toEqual([]);
  });
});

describe("writeError", () => {
  it.each([
    ["invalid-request", 400, "invalid_request_error"],
    ["authentication", 401, "authentication_error"],
    ["permission", 403, "permission_error"],
    ["not-found", 404, "not_found_error"],
    ["too-large", 413, "request_too_large"],
    ["rate-limit", 429, "rate_limit_error"],
    ["overloaded", 529, "overloaded_error"],
    ["upstream-auth", 502, "api_error"],
    ["upstream", 502, "api_error"],
    ["timeout", 504, "timeout_error"],
    ["unavailable", 503, "api_error"],
    ["internal", 500, "api_error"],
  ] as [ErrorKind, number, string][])("%s is %i %s", (kind, status, type) => {
    const written = claude.client?.writeError(new GatewayError(kind, "why", { retryAfterMs: 1200 }), call());
    expect(written).toMatchObject({
      status,
      headers: { "content-type": "application/json", "retry-after": "2" },
    });
    expect(JSON.parse(written?.body ?? "")).toEqual({
      type: "error",
      error: { type, message: "why" },
      request_id: "req_1",
    });
  });

  it("says a full context in the words that make Claude Code compact", () => {
    const error = new GatewayError("invalid-request", "maximum context length is 8192 tokens", {
      code: "context_length_exceeded",
    });
    expect(JSON.parse(claude.client?.writeError(error, call()).body ?? "")).toMatchObject({
      error: {
        message: "prompt is too long: maximum context length is 8192 tokens",
        details: { error_code: "context_length_exceeded" },
      },
    });
  });
});

describe("the client face", () => {
  it("counts tokens, keeps alive and names its models' places", () => {
    expect(claude.client?.writeTokenCount?.(7, call("count-tokens"))).toEqual({ input_tokens: 7 });
    expect(claude.client?.writeTokenCount?.(7, call("count-tokens", "beta=true"))).toEqual({
      context_management: null,
      input_tokens: 7,
    });
    const asked = request({ extra: { claude: { context_management: { edits: [] } } } });
    expect(claude.client?.writeTokenCount?.(7, call("count-tokens", "beta=true"), asked)).toEqual({
      context_management: { original_input_tokens: 7 },
      input_tokens: 7,
    });
    expect(frames(claude.client?.keepAlive ?? "")).toEqual([{ type: "ping" }]);
  });

  it("trap 4 of clients: claims the model routes by its version header, and lets ids hold slashes", () => {
    const routes = claude.client?.routes.filter(({ job }) => job === "models" || job === "model") ?? [];
    for (const route of routes) {
      expect(route.claims?.({ "anthropic-version": "2023-06-01" }, new URLSearchParams())).toBe(true);
      expect(route.claims?.({ authorization: "Bearer x" }, new URLSearchParams())).toBe(false);
    }
    const path = routes.find(({ job }) => job === "model")?.path as RegExp;
    expect(path.exec("/v1/models/vendor/some:7b")?.groups?.model).toBe("vendor/some:7b");
  });
});
