import { describe, expect, it } from "vitest";
import type { Message, UnifiedRequest } from "../../../adapters/unified.ts";
import { listOf, loadRequest, parse, parseFixture, plain, provider, without } from "./load.ts";

const build = (more: Partial<UnifiedRequest> = {}) => provider.buildRequest(plain(more));
const input = (messages: Message[], more: Partial<UnifiedRequest> = {}) =>
  build({ messages, ...more }).body?.input;
const text = (value: string) => ({ type: "text" as const, text: value });
const message = (role: string, type: string, value: string) => ({
  type: "message",
  role,
  content: [{ type, text: value }],
});

it("the least: nothing is stored", () => {
  expect(build()).toEqual({
    method: "POST",
    path: "/v1/responses",
    body: { model: "m", store: false, stream: true, input: [message("user", "input_text", "Hi")] },
  });
});

describe("a client of the same protocol gets its request back", () => {
  it.each(["codex-fallback-model.turn1", "codex-freeform-patch.turn1"])(
    "%s: tools, namespaces, fields",
    (name) => {
      const given = loadRequest(name);
      const { body, dropped } = provider.buildRequest(parseFixture(name));
      const fields = without(given, "input");
      expect(dropped).toBeUndefined();
      expect(body).toMatchObject({
        ...fields,
        tools: expect.any(Array) as unknown,
        reasoning: given.reasoning,
      });
      expect(body?.tools).toEqual(given.tools);
    },
  );

  it("past calls, results and thoughts", () => {
    const items = provider.buildRequest(parseFixture("codex-code-mode.turn2")).body?.input as object[];
    const given = loadRequest("codex-code-mode.turn2").input as Record<string, unknown>[];
    const [reasoning, called, result] = given
      .slice(-3)
      .map((item) => without(item, "id", "status", "content"));
    expect(items.slice(-3)).toEqual([reasoning, called, result]);
  });

  it("tools that were renamed", () => {
    const tool = {
      type: "function",
      name: "run",
      strict: null,
      parameters: { type: "object", properties: {} },
    };
    const tools = [
      { type: "namespace", name: "a", description: "A", tools: [tool] },
      { type: "namespace", name: "b", description: "B", tools: [{ ...tool, defer_loading: true }] },
    ];
    const called = { type: "function_call", call_id: "1", name: "run", namespace: "b", arguments: "{}" };
    const output = { type: "function_call_output", call_id: "1", output: "done" };
    const { body } = provider.buildRequest(
      parse({
        model: "m",
        tools,
        input: [called, output],
        tool_choice: { type: "function", name: "run", namespace: "a" },
      }),
    );
    expect(body).toMatchObject({ tools, input: [called, output] });
    expect(body?.tool_choice).toEqual({ type: "function", name: "run", namespace: "a" });
  });

  it("items nobody else understands included, and fields; parts nobody understands are told as dropped", () => {
    const calls = [
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "x" } },
      { type: "item_reference", id: "msg_1" },
      { type: "shell_call", id: "sh_1", call_id: "s", action: { commands: ["ls"] }, status: "completed" },
      {
        type: "shell_call_output",
        call_id: "s",
        output: [{ stdout: "a", stderr: "", outcome: { type: "exit" } }],
      },
      { type: "computer_call", id: "cu_1", call_id: "c", action: { type: "screenshot" } },
      {
        type: "computer_call_output",
        call_id: "c",
        output: { type: "computer_screenshot", image_url: "https://a" },
      },
      { type: "mcp_approval_request", id: "mcpr_1", name: "n", arguments: "{}", server_label: "s" },
    ];
    const request = parse({
      model: "m",
      moderation: { model: "omni" },
      input: [
        { role: "user", content: [{ type: "from_the_future" }, { type: "input_text", text: "Hi" }] },
        ...calls,
      ],
    });
    const { body, dropped } = provider.buildRequest(request);
    expect(listOf(body?.input).slice(1)).toEqual(calls);
    expect(body?.moderation).toEqual({ model: "omni" });
    expect(dropped).toEqual(["from_the_future"]);
    expect(request.unread).toEqual([
      "from_the_future",
      "moderation",
      "web_search_call",
      "item_reference",
      "mcp_approval_request",
    ]);
  });
});

it("trap 1: leading system text is instructions, later text a developer message", () => {
  const { body } = build({
    system: [text("One."), text("Two.")],
    messages: [
      { role: "user", content: [text("Hi")] },
      { role: "system", content: [text("Now.")] },
    ],
  });
  expect(body?.instructions).toBe("One.\n\nTwo.");
  expect(body?.input).toEqual([
    message("user", "input_text", "Hi"),
    message("developer", "input_text", "Now."),
  ]);
});

it("trap 8: an assistant turn keeps its order; thoughts of others and empty text stay out", () => {
  const own = { type: "thinking" as const, text: "T", signature: { origin: "openai-responses", value: "E" } };
  const items = input([
    {
      role: "assistant",
      content: [
        { type: "thinking", text: "x", signature: { origin: "claude", value: "C" } },
        { type: "thinking", text: "unsigned" },
        own,
        text(""),
        { type: "tool-call", id: "1", name: "f", args: "" },
        text("After."),
      ],
    },
    { role: "tool", content: [{ type: "tool-result", id: "1", name: "f", content: [text("a"), text("b")] }] },
  ]);
  expect(items).toEqual([
    { type: "reasoning", summary: [{ type: "summary_text", text: "T" }], encrypted_content: "E" },
    { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
    message("assistant", "output_text", "After."),
    { type: "function_call_output", call_id: "1", output: "a\nb" },
  ]);
});

it("trap 9: images in tool results stay there, a failure is said", () => {
  const picture = {
    type: "media" as const,
    mimeType: "image/png",
    source: { kind: "base64" as const, data: "AA" },
  };
  const items = input([
    { role: "assistant", content: [{ type: "tool-call", id: "1", name: "f", args: "{}" }] },
    {
      role: "tool",
      content: [{ type: "tool-result", id: "1", name: "f", content: [picture], isError: true }],
    },
  ]);
  expect(items).toMatchObject([
    { type: "function_call" },
    {
      output: [
        { type: "input_text", text: "The tool failed:" },
        { type: "input_image", image_url: "data:image/png;base64,AA", detail: "auto" },
      ],
    },
  ]);
});

it("every call has an output and every output a call", () => {
  const items = input([
    { role: "assistant", content: [{ type: "tool-call", id: "1", name: "f", args: "{}" }] },
    { role: "tool", content: [{ type: "tool-result", id: "lost", name: "g", content: [text("r")] }] },
  ]);
  expect(items).toEqual([
    { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
    { type: "function_call_output", call_id: "1", output: "No result was recorded." },
    {
      type: "message",
      role: "user",
      content: [
        { type: "input_text", text: "Result of the tool g:" },
        { type: "input_text", text: "r" },
      ],
    },
  ]);
});

it("trap 10: media of every kind, what cannot go is named", () => {
  const media = (mimeType: string, url?: string) => ({
    type: "media" as const,
    mimeType,
    source: url === undefined ? { kind: "base64" as const, data: "AA" } : { kind: "url" as const, url },
  });
  const { body, dropped } = build({
    messages: [
      {
        role: "user",
        content: [
          media("image/*", "https://a/b"),
          media("application/pdf"),
          media("application/pdf", "https://a/b.pdf"),
          media("audio/mpeg"),
          media("video/mp4"),
        ],
      },
      { role: "assistant", content: [media("image/png")] },
    ],
  });
  expect(body?.input).toMatchObject([
    {
      content: [
        { type: "input_image", image_url: "https://a/b" },
        { type: "input_file", filename: "file.pdf", file_data: "data:application/pdf;base64,AA" },
        { type: "input_file", file_url: "https://a/b.pdf" },
        { type: "input_audio", input_audio: { data: "AA", format: "mp3" } },
        { type: "input_text", text: expect.stringContaining("video/mp4") as unknown },
      ],
    },
    { role: "user", content: [{ type: "input_text" }, { type: "input_image" }] },
  ]);
  expect(dropped).toEqual(["video/mp4"]);
});

it("traps 14, 17 and 18: tools and ids the API takes", () => {
  const { body } = build({
    tools: [
      { name: "mcp.list", parameters: { type: "object" }, extra: { defer_loading: true } },
      { name: "patch", kind: "custom", parameters: {}, format: { type: "grammar" }, description: "d" },
    ],
    toolChoice: { name: "mcp.list" },
    messages: [
      {
        role: "assistant",
        content: [{ type: "tool-call", id: "functions.f:0", name: "mcp.list", args: "{}" }],
      },
      {
        role: "tool",
        content: [{ type: "tool-result", id: "functions.f:0", name: "mcp.list", content: [] }],
      },
    ],
  });
  const [tool, custom] = listOf(body?.tools);
  expect(tool).toEqual({
    type: "function",
    name: expect.stringMatching(/^mcp_list_[0-9a-f]{8}$/) as unknown,
    parameters: { type: "object", properties: {} },
    strict: false,
  });
  expect(custom).toEqual({ type: "custom", name: "patch", description: "d", format: { type: "grammar" } });
  expect(body?.tool_choice).toEqual({ type: "function", name: tool?.name });
  const [called, result] = listOf(body?.input);
  expect(called).toMatchObject({
    name: tool?.name,
    call_id: expect.stringMatching(/^call_[0-9a-f]+$/) as unknown,
  });
  expect(result?.call_id).toBe(called?.call_id);
});

it.each([
  [undefined, undefined, undefined],
  [{ mode: "off" }, { effort: "none" }, undefined],
  [{ mode: "on", effort: "high" }, { effort: "high", summary: "auto" }, ["reasoning.encrypted_content"]],
  [{ mode: "on", budgetTokens: 2000, visible: false }, { effort: "low" }, ["reasoning.encrypted_content"]],
  [{ mode: "on" }, { summary: "auto" }, ["reasoning.encrypted_content"]],
] as const)("thinking %j", (thinking, reasoning, include) => {
  const { body } = build({ thinking });
  expect(body?.reasoning).toEqual(reasoning);
  expect(body?.include).toEqual(include);
});

it("trap 23: limits, formats, users; what has no place is told", () => {
  const { body, dropped } = build({
    sampling: {
      maxTokens: 1,
      temperature: 0.2,
      topP: 0.9,
      topK: 5,
      seed: 1,
      stop: ["x"],
      presencePenalty: 0,
    },
    output: { type: "json" },
    userId: "u".repeat(80),
    choices: 2,
    logprobs: { top: 3 },
    serverTools: [{ origin: "claude", name: "web_fetch", body: {} }],
  });
  expect(body).toMatchObject({
    max_output_tokens: 16,
    temperature: 0.2,
    top_p: 0.9,
    top_logprobs: 3,
    include: ["message.output_text.logprobs"],
    text: { format: { type: "json_object" } },
    instructions: "Answer with a JSON object.",
    user: expect.stringMatching(/^user_[0-9a-f]{32}$/) as unknown,
  });
  expect(dropped).toEqual(["top_k", "seed", "stop sequences", "n", "web_fetch"]);
});

it("a schema for the answer gets a name", () => {
  const { body } = build({ output: { type: "json-schema", schema: { type: "object" }, name: "my schema" } });
  expect(body?.text).toEqual({
    format: { type: "json_schema", name: "my_schema", schema: { type: "object" } },
  });
});

it("pass-through goes to the same path", () => {
  const call = {
    job: "chat" as const,
    variant: "responses",
    params: {},
    query: new URLSearchParams(),
    headers: {},
  };
  expect(provider.passThrough(call, "m", true)).toEqual({ path: "/v1/responses", modelInBody: true });
  expect(provider.passThrough({ ...call, job: "embed" }, "m", false)).toBeUndefined();
});
