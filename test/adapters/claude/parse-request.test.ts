import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/claude/build-request.ts";
import { parseRequest } from "../../../adapters/claude/parse-request.ts";
import { GatewayError } from "../../../adapters/errors.ts";
import { names, readJson } from "./fixtures.ts";

const parse = (body: object) => parseRequest({ model: "m", max_tokens: 10, messages: [], ...body });
const user = (...content: unknown[]) => ({ role: "user", content });
const assistant = (...content: unknown[]) => ({ role: "assistant", content });
const text = (value: string) => ({ type: "text", text: value });

describe("parseRequest", () => {
  it.each(names("requests"))("reads %s: every call has its result, nothing is empty", (name) => {
    const request = parseRequest(readJson(`requests/${name}`));
    const results = request.messages.flatMap((message) => (message.role === "tool" ? message.content : []));
    for (const result of results) expect(result.name).not.toBe("");
    expect(request.messages[0]?.role).toBe("user");
    expect(request.model).not.toBe("");
  });

  it("trap 1: keeps system messages in the middle of the conversation, as blocks and as text", () => {
    const first = parseRequest(readJson("requests/claude-code-tool-search.turn1.json"));
    const second = parseRequest(readJson("requests/claude-code-tool-search.turn2.json"));
    expect(first.messages.map(({ role }) => role)).toEqual(["user", "system"]);
    expect(second.messages.map(({ role }) => role)).toEqual(["user", "system", "assistant", "tool"]);
    expect(first.messages[1]?.content[0]).toMatchObject({ type: "text", cache: { type: "ephemeral" } });
  });

  it("system messages before everything else belong to the system prompt", () => {
    const request = parse({
      system: "one",
      messages: [{ role: "system", content: "two" }, user(text("hi"))],
    });
    expect(request.system).toEqual([text("one"), text("two")]);
    expect(request.messages).toHaveLength(1);
  });

  it("trap 2: leaves Claude Code's billing block out", () => {
    const request = parseRequest(readJson("requests/claude-code-image.turn1.json"));
    expect(request.system).toHaveLength(2);
    expect(JSON.stringify(request.system)).not.toContain("x-anthropic-billing-header");
  });

  it("trap 3: takes text and blocks alike", () => {
    const plain = parse({ system: "s", messages: [{ role: "user", content: "hi" }] });
    const blocks = parse({ system: [text("s")], messages: [user(text("hi"))] });
    expect(plain).toEqual(blocks);
  });

  it("traps 5 and 7: results of one turn become one message, and what the user said follows", () => {
    const calls = assistant(
      { type: "tool_use", id: "a", name: "read", input: { path: "x" } },
      { type: "tool_use", id: "b", name: "list", input: {} },
    );
    const results = [
      user({ type: "tool_result", tool_use_id: "a", content: "A" }, text("go on")),
      user({ type: "tool_result", tool_use_id: "b", content: [text("B")], is_error: true }),
    ];
    expect(parse({ messages: [user(text("hi")), calls, ...results] }).messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "tool-call", id: "a", name: "read", args: '{"path":"x"}' },
          { type: "tool-call", id: "b", name: "list", args: "{}" },
        ],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", id: "a", name: "read", content: [text("A")] },
          { type: "tool-result", id: "b", name: "list", content: [text("B")], isError: true },
        ],
      },
      { role: "user", content: [text("go on")] },
    ]);
  });

  it("traps 9 and 10: keeps images in tool results, and normalises their type", () => {
    const request = parseRequest(readJson("requests/claude-code-image.turn2.json"));
    expect(request.messages.at(-1)).toMatchObject({
      role: "tool",
      content: [
        {
          name: "Read",
          content: [{ type: "media", mimeType: "image/png", source: { kind: "base64" } }],
          cache: { type: "ephemeral" },
        },
      ],
    });
    const source = { type: "base64", media_type: "image/JPG", data: "AA==" };
    const content = parse({ messages: [user({ type: "image", source })] }).messages[0]?.content;
    expect(content).toEqual([
      { type: "media", mimeType: "image/jpeg", source: { kind: "base64", data: "AA==" } },
    ]);
  });

  it("reads documents of every source", () => {
    const pdf = { type: "base64", media_type: "application/pdf", data: "JVBERg==" };
    const { messages } = parse({
      messages: [
        user(
          { type: "document", title: "a.pdf", source: pdf },
          { type: "document", source: { type: "url", url: "https://example.com/b" } },
          { type: "document", title: "T", source: { type: "text", media_type: "text/plain", data: "plain" } },
          { type: "document", source: { type: "content", content: [text("inner")] } },
          { type: "image", source: { type: "file", file_id: "file_1" } },
        ),
      ],
    });
    expect(messages[0]?.content).toEqual([
      {
        type: "media",
        mimeType: "application/pdf",
        source: { kind: "base64", data: "JVBERg==" },
        name: "a.pdf",
      },
      {
        type: "media",
        mimeType: "application/pdf",
        source: { kind: "url", url: "https://example.com/b" },
      },
      { ...text("T\n\nplain"), native: { origin: "claude", body: expect.objectContaining({ title: "T" }) } },
      { ...text("inner"), native: { origin: "claude", body: expect.objectContaining({ type: "document" }) } },
      { ...text("[image: file file_1]"), native: { origin: "claude", body: expect.anything() } },
    ]);
  });

  it("keeps thoughts with their signatures, and opens those of other protocols", () => {
    const { messages } = parse({
      messages: [
        user(text("hi")),
        assistant(
          { type: "thinking", thinking: "a", signature: "Eq==" },
          { type: "thinking", thinking: "b", signature: "ccproxy.gemini.xyz" },
          { type: "thinking", thinking: "c", signature: "" },
          { type: "thinking", thinking: "", signature: "hidden" },
          { type: "redacted_thinking", data: "Em" },
        ),
      ],
    });
    expect(messages[1]?.content).toEqual([
      { type: "thinking", text: "a", signature: { origin: "claude", value: "Eq==" } },
      { type: "thinking", text: "b", signature: { origin: "gemini", value: "xyz" } },
      { type: "thinking", text: "c" },
      { type: "thinking", text: "", signature: { origin: "claude", value: "hidden" } },
      { type: "thinking", text: "", redacted: true, signature: { origin: "claude", value: "Em" } },
    ]);
  });

  it("turns blocks nobody else has into text, and keeps them for Claude", () => {
    const found = { type: "web_search_result", title: "Weather", url: "https://example.com" };
    const blocks = [
      { type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } },
      { type: "web_search_tool_result", tool_use_id: "s", content: [{ ...found, encrypted_content: "E" }] },
      { type: "bash_code_execution_tool_result", content: { stdout: "out", stderr: "", return_code: 0 } },
      { type: "compaction", content: "what was said" },
      { type: "container_upload", file_id: "f" },
      { type: "hologram" },
      { type: "search_result", source: "s", title: "t", content: [text("found")] },
    ];
    const { messages } = parse({ messages: [user(...blocks), assistant(...blocks)] });
    const said = [
      '[web_search called with {"query":"x"}]',
      "Weather\nhttps://example.com",
      "out",
      "what was said",
      "[file f uploaded to the container]",
      "[hologram block]",
      "t\ns\nfound",
    ].map((line, index) => ({ ...text(line), native: { origin: "claude", body: blocks[index] } }));
    expect(messages[0]?.content).toEqual(said);
    expect(messages[1]?.content).toEqual(said);
  });

  it("names the tool of a tool_reference, and keeps deferred tools", () => {
    const request = parseRequest(readJson("requests/claude-code-tool-search.turn2.json"));
    expect(request.messages.at(-1)).toMatchObject({
      content: [
        { name: "ToolSearch", content: [{ type: "text", text: expect.stringContaining("WebFetch") }] },
      ],
    });
    const deferred = request.tools?.filter((tool) => tool.extra?.defer_loading);
    expect(deferred?.map(({ name }) => name)).toEqual(["WebFetch", "DeferredToolPlaceholder"]);
  });

  it("follows tools that messages add and remove", () => {
    const tool = (name: string) => ({ name, input_schema: { type: "object" } });
    const change = (type: string, value: object) => ({ role: "system", content: [{ type, tool: value }] });
    const { tools } = parse({
      tools: [tool("a"), tool("b")],
      messages: [
        user(text("hi")),
        change("tool_removal", { type: "tool_reference", name: "a" }),
        change("tool_addition", { type: "tool_definition", definition: tool("c") }),
        change("tool_removal", { type: "tool_reference", name: "b" }),
        change("tool_addition", { type: "tool_reference", name: "b" }),
      ],
    });
    expect(tools?.map(({ name }) => name)).toEqual(["b", "c"]);
  });

  it("trap 27: sets tools without schema aside as server tools", () => {
    const request = parse({
      tools: [
        {
          name: "read",
          input_schema: { type: "object" },
          type: "custom",
          cache_control: { type: "ephemeral" },
        },
        { type: "bash_20250124", name: "bash" },
        { type: "web_search_20250305", name: "web_search", max_uses: 3 },
      ],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
    });
    expect(request.tools).toEqual([
      { name: "read", parameters: { type: "object" }, cache: { type: "ephemeral" } },
    ]);
    expect(request.serverTools?.map(({ origin, name }) => [origin, name])).toEqual([
      ["claude", "bash"],
      ["claude", "web_search"],
    ]);
    expect(request.toolChoice).toBe("required");
    expect(request.parallelTools).toBe(false);
  });

  it("trap 13: drops a tool choice without tools", () => {
    expect(parse({ tools: [], tool_choice: { type: "any" } })).not.toHaveProperty("toolChoice");
    expect(parse({ tools: [] })).not.toHaveProperty("tools");
  });

  it.each([
    ["auto", "auto"],
    ["any", "required"],
    ["none", "none"],
  ])("trap 24: tool_choice %s is %s", (type, choice) => {
    const tools = [{ name: "a", input_schema: {} }];
    expect(parse({ tools, tool_choice: { type } }).toolChoice).toBe(choice);
    expect(parse({ tools, tool_choice: { type: "tool", name: "a" } }).toolChoice).toEqual({ name: "a" });
  });

  it("keeps a choice of a server tool for Claude alone", () => {
    const request = parse({
      tools: [{ type: "web_search_20250305", name: "web_search" }],
      tool_choice: { type: "tool", name: "web_search" },
    });
    expect(request.toolChoice).toBeUndefined();
    expect(request.extra?.claude?.tool_choice).toEqual({ type: "tool", name: "web_search" });
  });

  it("reads sampling, limits and user", () => {
    const request = parse({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      stop_sequences: ["x"],
      metadata: { user_id: "u" },
      stream: true,
    });
    expect(request.sampling).toEqual({ temperature: 0.5, topP: 0.9, topK: 4, maxTokens: 10, stop: ["x"] });
    expect(request).toMatchObject({ userId: "u", stream: true });
  });

  it.each([
    [{ thinking: { type: "enabled", budget_tokens: 2000 } }, { mode: "on", budgetTokens: 2000 }],
    [
      { thinking: { type: "adaptive", display: "omitted" }, output_config: { effort: "high" } },
      { mode: "on", effort: "high" },
    ],
    [{ thinking: { type: "disabled" }, output_config: { effort: "high" } }, { mode: "off" }],
    [{ output_config: { effort: "low" } }, { mode: "on", effort: "low" }],
    [{}, undefined],
  ])("reads thinking of %j", (body, thinking) => {
    expect(parse(body).thinking).toEqual(thinking);
  });

  it("reads both forms of structured output", () => {
    const format = { type: "json_schema", schema: { type: "object" } };
    const output = { type: "json-schema", schema: { type: "object" } };
    expect(parse({ output_config: { format } }).output).toEqual(output);
    expect(parse({ output_format: format }).output).toEqual(output);
  });

  it("keeps what only Claude understands", () => {
    const { extra } = parseRequest(readJson("requests/claude-code-interactive.turn1.json"));
    expect(Object.keys(extra?.claude ?? {}).toSorted()).toEqual([
      "context_management",
      "output_config",
      "safeguards",
      "thinking",
    ]);
  });

  it("trap 45: needs no max_tokens", () => {
    const request = parseRequest(readJson("requests/claude-code-count-tokens.json"));
    expect(request.sampling).toBeUndefined();
    expect(request.tools).toBeUndefined();
  });

  it.each([
    [null, "body: expected object"],
    [{ messages: [] }, "model: expected non-empty string"],
    [{ model: "m" }, "messages: expected array"],
    [{ model: "m", messages: ["x"] }, "messages[0]: expected object"],
    [{ model: "m", messages: [{ role: "bot", content: "x" }] }, "messages[0].role: expected"],
    [{ model: "m", messages: [{ role: "user", content: 5 }] }, "messages[0].content: expected array"],
    [{ model: "m", messages: [user({ type: "text" })] }, "messages[0].content[0].text: expected string"],
    [{ model: "m", messages: [user({ type: "image" })] }, "messages[0].content[0].source: expected object"],
    [{ model: "m", messages: [], temperature: "hot" }, "temperature: expected number"],
    [{ model: "m", messages: [], tools: [{ input_schema: {} }] }, "tools[0].name: expected"],
    [{ model: "m", messages: [], system: 5 }, "system: expected array"],
  ])("refuses %j with its place", (body, message) => {
    expect(() => parseRequest(body)).toThrow(GatewayError);
    expect(() => parseRequest(body)).toThrow(message);
  });

  it("takes the start of a thread, which is whole, and tells why its continuation cannot be converted", () => {
    const messages = [{ role: "user", content: "hi" }];
    expect(parseRequest({ model: "m", messages, thread: { type: "create" } }).nativeOnly).toBeUndefined();
    const next = parseRequest({
      model: "m",
      messages,
      thread: { type: "continue", previous_message_id: "msg_1" },
    });
    expect(next.nativeOnly).toMatch(/^thread: /);
    // The SDK's tool runner sends the whole conversation again at this code.
    expect(next.nativeOnlyAs).toEqual({ kind: "not-found", code: "thread_not_found" });
  });

  it("tells what no other provider gets, and nothing of what makes no difference there", () => {
    const thoughts = { type: "clear_thinking_20251015", keep: "all" };
    const unread = (more: object) => parse({ messages: [user(text("hi"))], ...more }).unread;
    expect(
      unread({
        mcp_servers: [{ type: "url", name: "e", url: "https://a.b" }],
        container: { skills: [] },
        context_management: { edits: [thoughts, { type: "clear_tool_uses_20250919" }] },
        speed: "fast",
        inference_geo: "us",
        fallbacks: [{ model: "m" }],
        output_config: { effort: "low", task_budget: { type: "tokens", total: 9 } },
        something_new: 1,
      }),
    ).toEqual([
      "mcp_servers",
      "container",
      "context_management",
      "speed",
      "inference_geo",
      "fallbacks",
      "something_new",
      "task_budget",
    ]);
    expect(
      unread({
        mcp_servers: [],
        container: null,
        context_management: { edits: [thoughts] },
        speed: "standard",
        service_tier: "auto",
        cache_control: { type: "ephemeral" },
        output_config: { effort: "low" },
        thinking: { type: "adaptive", display: "omitted" },
      }),
    ).toBeUndefined();
  });

  it("takes notes between calls for no thinking, and sends it to Claude as it was", () => {
    const thinking = { type: "between_tools" };
    const request = parse({ messages: [user(text("hi"))], thinking });
    expect(request.thinking).toEqual({ mode: "off" });
    expect(buildRequest(request).body).toMatchObject({ thinking });
  });

  it("does not touch the body", () => {
    for (const name of names("requests")) {
      const body = readJson(`requests/${name}`);
      const before = structuredClone(body);
      parseRequest(body);
      expect(body).toEqual(before);
    }
  });
});
