import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/ollama/build-request.ts";
import { toOllamaSchema } from "../../../adapters/ollama/build-tools.ts";
import { parseRequest } from "../../../adapters/ollama/parse-request.ts";
import type { MediaPart, Message, UnifiedRequest } from "../../../adapters/unified.ts";
import { readJson, request, toCall } from "./fixtures.ts";

const build = (more: Partial<UnifiedRequest> = {}) => buildRequest(request(more));
const text = (value: string) => ({ type: "text", text: value }) as const;
const image: MediaPart = { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AAAA" } };
const tool = {
  name: "f",
  description: "d",
  parameters: { type: "object", properties: { a: { type: "string" } } },
};

describe("buildRequest", () => {
  it("sends a plain chat, saying whether to stream", () => {
    expect(build({ system: [text("one"), text("two")] })).toEqual({
      method: "POST",
      path: "/api/chat",
      body: {
        model: "some-model",
        messages: [
          { role: "system", content: "one\n\ntwo" },
          { role: "user", content: "hi" },
        ],
        stream: false,
      },
    });
    expect(build({ stream: true }).body?.stream).toBe(true);
  });

  it("carries every field of sampling, and options nobody else has", () => {
    const sampling = {
      temperature: 0.5,
      topP: 0.9,
      topK: 5,
      minP: 0.1,
      seed: 1,
      maxTokens: 50,
      stop: ["x"],
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      repeatPenalty: 1.1,
    };
    const extra = { ollama: { options: { num_ctx: 4096 }, keep_alive: "5m" } };
    expect(build({ sampling, extra }).body).toMatchObject({
      keep_alive: "5m",
      options: {
        num_ctx: 4096,
        num_predict: 50,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 5,
        min_p: 0.1,
        seed: 1,
        stop: ["x"],
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        repeat_penalty: 1.1,
      },
    });
  });

  it("asks for a context length where the provider's settings name one and the request does not", () => {
    const options = { quirks: { numCtx: 32_768 } };
    expect(buildRequest(request(), options).body?.options).toEqual({ num_ctx: 32_768 });
    const extra = { ollama: { options: { num_ctx: 4096 } } };
    expect(buildRequest(request({ extra }), options).body?.options).toEqual({ num_ctx: 4096 });
  });

  it.each([
    [undefined, undefined],
    [{ mode: "off" }, false],
    [{ mode: "on" }, true],
    [{ mode: "on", budgetTokens: 5000 }, true],
    [{ mode: "on", effort: "minimal" }, "low"],
    [{ mode: "on", effort: "medium" }, "medium"],
    [{ mode: "on", effort: "xhigh" }, "high"],
    [{ mode: "on", effort: "max" }, "max"],
  ] as const)("thinks as asked: %o → %s", (thinking, think) => {
    expect(build({ thinking }).body?.think).toBe(think);
  });

  it("writes a tool round as objects, with names and ids", () => {
    const messages: Message[] = [
      { role: "user", content: [text("hi")] },
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm", signature: { origin: "claude", value: "x" } },
          { type: "tool-call", id: "a", name: "f", args: '{"a":"b"}' },
          { type: "tool-call", id: "b", name: "f", args: "" },
        ],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", id: "a", name: "f", content: [text("21"), image] },
          { type: "tool-result", id: "b", name: "f", content: [text("no")], isError: true },
        ],
      },
    ];
    const { body, dropped } = build({ messages, tools: [tool], toolChoice: "auto" });
    expect(dropped).toBeUndefined();
    expect(body?.tools).toEqual([{ type: "function", function: tool }]);
    expect(body?.messages).toEqual([
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: "",
        thinking: "hm",
        tool_calls: [
          { id: "a", function: { name: "f", arguments: { a: "b" } } },
          { id: "b", function: { name: "f", arguments: {} } },
        ],
      },
      { role: "tool", content: "21", tool_name: "f", tool_call_id: "a" },
      { role: "tool", content: "Error: no", tool_name: "f", tool_call_id: "b" },
      // Trap 9: the picture of a result is not lost.
      { role: "user", content: "Attached: from the result of tool f.", images: ["AAAA"] },
    ]);
  });

  it("trap 10: sends bare base64 and names what it cannot send", () => {
    const content = [
      text("look"),
      image,
      { type: "media", mimeType: "image/*", source: { kind: "url", url: "https://a/b.png" } } as const,
      {
        type: "media",
        mimeType: "application/pdf",
        name: "a.pdf",
        source: { kind: "base64", data: "AA==" },
      } as const,
      {
        type: "media",
        mimeType: "text/plain",
        name: "a.txt",
        source: { kind: "base64", data: "aGk=" },
      } as const,
    ];
    const { body, dropped } = build({ messages: [{ role: "user", content }] });
    expect(body?.messages).toEqual([
      {
        role: "user",
        content: "look\n\n[image: https://a/b.png]\n\n[document: a.pdf, left out]\n\na.txt:\nhi",
        images: ["AAAA"],
      },
    ]);
    expect(dropped).toEqual(["image by URL", "document (application/pdf)"]);
  });

  it("trap 24: leaves tools out for `none`, and says that it cannot force a call", () => {
    expect(build({ tools: [tool], toolChoice: "none" }).body).not.toHaveProperty("tools");
    expect(build({ tools: [tool], toolChoice: "required", parallelTools: false }).dropped).toEqual([
      "tool_choice",
      "parallel_tool_calls: false",
    ]);
    const serverTools = [{ origin: "claude", name: "web_search", body: {} }];
    expect(build({ serverTools }).dropped).toEqual(["server tool web_search"]);
  });

  it("trap 1: keeps system texts where they stand", () => {
    const messages: Message[] = [
      { role: "user", content: [text("hi")] },
      { role: "system", content: [text("mind this")] },
    ];
    expect(build({ messages }).body?.messages).toEqual([
      { role: "user", content: "hi" },
      { role: "system", content: "mind this" },
    ]);
  });

  it("asks for JSON and probabilities", () => {
    const schema = { type: "object" };
    expect(build({ output: { type: "json" } }).body?.format).toBe("json");
    expect(build({ output: { type: "json-schema", schema } }).body?.format).toBe(schema);
    expect(build({ logprobs: { top: 2 } }).body).toMatchObject({ logprobs: true, top_logprobs: 2 });
  });

  it("gives a real Ollama its own chat request back", () => {
    const body = readJson("requests/chat-options.json") as Record<string, unknown>;
    const { format: _format, tools: _tools, ...rest } = body;
    expect(buildRequest(parseRequest(body, toCall("chat"))).body).toEqual(rest);
  });

  it("uses /api/generate for what only that has", () => {
    const fill = buildRequest(parseRequest(readJson("requests/generate-suffix.json"), toCall("generate")));
    expect(fill).toMatchObject({ path: "/api/generate" });
    expect(fill.body).toEqual(readJson("requests/generate-suffix.json"));
    const raw = parseRequest({ model: "m", prompt: "<s>x", raw: true }, toCall("generate"));
    expect(buildRequest({ ...raw, system: [text("added")] })).toMatchObject({
      body: { prompt: "<s>x", raw: true },
      dropped: ["system prompt (raw mode)"],
    });
    const plain = parseRequest({ model: "m", prompt: "x", system: "s" }, toCall("generate"));
    expect(buildRequest(plain).path).toBe("/api/chat");
  });

  it("never changes what it is given", () => {
    const given = request({ tools: [tool], extra: { ollama: { options: { num_ctx: 1 } } } });
    const before = structuredClone(given);
    buildRequest(given);
    expect(given).toEqual(before);
  });
});

describe("toOllamaSchema", () => {
  it("trap 14: makes an object of whatever it is", () => {
    const empty = { type: "object", properties: {} };
    expect(toOllamaSchema({})).toEqual(empty);
    expect(toOllamaSchema({ type: ["object", "null"], properties: [] })).toEqual(empty);
  });

  it("says with Ollama's words what it would leave unread", () => {
    const schema = {
      type: "object",
      properties: {
        a: { $ref: "#/$defs/Place", description: "where" },
        b: { oneOf: [{ type: "string" }, { type: "null" }] },
        c: { const: 5 },
        d: true,
        e: { type: ["string", "null"], enum: "odd" },
        f: { type: "array", items: { $ref: "#/$defs/Place" } },
      },
      required: ["a", 7],
      $defs: { Place: { type: "object", properties: { city: { type: "string" } }, description: "a place" } },
    };
    const place = { type: "object", properties: { city: { type: "string" } } };
    expect(toOllamaSchema(schema)).toEqual({
      type: "object",
      properties: {
        a: { ...place, description: "where" },
        b: { anyOf: [{ type: "string" }, { type: "null" }] },
        c: { enum: [5] },
        d: {},
        e: { type: ["string", "null"] },
        f: { type: "array", items: { ...place, description: "a place" } },
      },
      required: ["a"],
    });
  });

  it("comes to an end with references that never do", () => {
    const twice = { type: "object", properties: { x: { $ref: "#/$defs/N" }, y: { $ref: "#/$defs/N" } } };
    const written = JSON.stringify(toOllamaSchema({ ...twice, $defs: { N: twice } }));
    expect(written.length).toBeLessThan(400_000);
    expect(toOllamaSchema({ properties: { a: { $ref: "#" } } }).type).toBe("object");
  });
});
