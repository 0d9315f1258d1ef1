import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { claude } from "../../../adapters/claude/index.ts";
import { parseResponse } from "../../../adapters/claude/parse-response.ts";
import { createStreamParser } from "../../../adapters/claude/parse-stream.ts";
import { writeResponse } from "../../../adapters/claude/write-response.ts";
import { createStreamWriter } from "../../../adapters/claude/write-stream.ts";
import { GatewayError, type ErrorKind } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { call, context, names, readJson, readText, request } from "./fixtures.ts";

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
function checkLifecycle(all: Frame[]): void {
  expect(all.slice(0, 2).map(({ type }) => type)).toEqual(["message_start", "ping"]);
  expect(all.slice(-2).map(({ type }) => type)).toEqual(["message_delta", "message_stop"]);
  let open: number | undefined;
  let next = 0;
  for (const { type, index } of all.slice(2, -2)) {
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
    const text = write(events);
    checkLifecycle(frames(text));
    const message = await client(text).messages.stream(params).finalMessage();
    const full = writeResponse(foldEvents(events), context()) as typeof message;
    expect(message.stop_reason).toBe(full.stop_reason);
    expect(message.usage).toEqual(full.usage);
    if (name !== "max-tokens-in-tool.sse") {
      const ids = (content: object[]) => content.map((block) => ({ ...block, id: undefined }));
      expect(ids(message.content)).toEqual(ids(full.content));
    }
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
    };
    expect(frames(text)).toEqual([
      {
        type: "message_start",
        message: {
          id: `msg_${"a".repeat(24)}`,
          type: "message",
          role: "assistant",
          model: "asked-for",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: zero,
        },
      },
      { type: "ping" },
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "thinking", thinking: "", signature: "" },
      },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "Eq" } },
      { type: "content_block_stop", index: 0 },
      {
        type: "content_block_start",
        index: 1,
        content_block: { type: "tool_use", id: "t1", name: "read", input: {} },
      },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"a":' } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: "1}" } },
      { type: "content_block_stop", index: 1 },
      {
        type: "message_delta",
        delta: { stop_reason: "tool_use", stop_sequence: null, stop_details: null },
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
      { type: "tool_use", id: "toolu_new1", name: "a", input: {} },
      { type: "tool_use", id: "toolu_new2", name: "b", input: {} },
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
      error: { type: "overloaded_error", message: "too busy" },
      request_id: null,
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
    if (body.usage) {
      const { service_tier: _tier, ...counts } = body.usage as Record<string, unknown>;
      expect(written.usage).toEqual(counts);
    }
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
      request_id: null,
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
