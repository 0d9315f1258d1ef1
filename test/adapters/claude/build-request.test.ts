import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/claude/build-request.ts";
import { parseRequest } from "../../../adapters/claude/parse-request.ts";
import { GatewayError } from "../../../adapters/errors.ts";
import { createNameMap } from "../../../adapters/tool-names.ts";
import type { Message, ToolResultPart, UnifiedRequest } from "../../../adapters/unified.ts";
import { names, readJson, request, weather } from "./fixtures.ts";

const build = (more: Partial<UnifiedRequest> = {}, quirks: Record<string, unknown> = {}) => {
  const { body = {}, dropped } = buildRequest(request(more), { quirks });
  return { body, dropped };
};
const text = (value: string) => ({ type: "text", text: value }) as const;
const user = (value: string): Message => ({ role: "user", content: [text(value)] });
const toolCall = (id: string, name = "get_weather", args = "{}") =>
  ({ type: "tool-call", id, name, args }) as const;
const result = (id: string, value = "ok", name = "get_weather"): ToolResultPart => ({
  type: "tool-result",
  id,
  name,
  content: [text(value)],
});
const signed = (value: string, thought = "hm") =>
  ({ type: "thinking", text: thought, signature: { origin: "claude", value } }) as const;

describe("buildRequest", () => {
  it("sends a plain request", () => {
    expect(buildRequest(request({ system: [text("be brief")] }))).toEqual({
      method: "POST",
      path: "/v1/messages",
      body: {
        model: "some-model",
        max_tokens: 8192,
        system: "be brief",
        messages: [{ role: "user", content: [text("hi")] }],
        stream: false,
      },
    });
  });

  it.each(names("requests"))("gives %s back as it came", (name) => {
    const body = readJson(`requests/${name}`);
    const { body: built = {}, dropped } = buildRequest(parseRequest(body));
    expect(dropped).toBeUndefined();
    const same = ["model", "thinking", "output_config", "context_management", "metadata", "safeguards"];
    for (const key of same) expect(built[key]).toEqual(body[key]);
    if (Array.isArray(body.tools) && body.tools.length) expect(built.tools).toEqual(body.tools);
    if (body.max_tokens !== undefined) expect(built.max_tokens).toBe(body.max_tokens);
    // Thoughts, calls and results to the byte; the system message in the middle became the user's.
    const last = (body.messages as { role: string; content: unknown }[]).slice(2);
    const builtLast = (built.messages as unknown[]).slice(-last.length || Infinity);
    if (last.length && last[0]?.role === "assistant") expect(builtLast).toEqual(last);
  });

  it("trap 1: system messages in the middle become reminders", () => {
    const { body } = build({
      messages: [user("hi"), { role: "system", content: [text("note")] }, user("go")],
    });
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [text("hi"), text("<system-reminder>\nnote\n</system-reminder>"), text("go")],
      },
    ]);
  });

  it("traps 5 and 7: results come first in one user turn", () => {
    const { body } = build({
      messages: [
        user("hi"),
        { role: "assistant", content: [toolCall("a"), toolCall("b")] },
        { role: "system", content: [text("note")] },
        { role: "tool", content: [result("a")] },
        user("and?"),
        { role: "tool", content: [result("b")] },
      ],
    });
    expect((body.messages as unknown[])[2]).toEqual({
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: "ok" },
        { type: "tool_result", tool_use_id: "b", content: "ok" },
        text("<system-reminder>\nnote\n</system-reminder>"),
        text("and?"),
      ],
    });
  });

  it("answers calls that have no result, and turns results without a call into text", () => {
    const { body } = build({
      messages: [
        user("hi"),
        { role: "assistant", content: [toolCall("a"), toolCall("b")] },
        { role: "tool", content: [result("a"), result("a", "again"), result("z", "stray")] },
      ],
    });
    expect((body.messages as { content: unknown[] }[])[2]?.content).toEqual([
      { type: "tool_result", tool_use_id: "a", content: "ok" },
      {
        type: "tool_result",
        tool_use_id: "b",
        content: expect.stringContaining("no result"),
        is_error: true,
      },
      text("[result of get_weather]"),
      text("again"),
      text("[result of get_weather]"),
      text("stray"),
    ]);
  });

  it("trap 8: keeps text after a call in its place", () => {
    const { body } = build({
      messages: [
        user("hi"),
        { role: "assistant", content: [toolCall("a"), text("so")] },
        { role: "tool", content: [result("a")] },
      ],
    });
    expect((body.messages as { content: { type: string }[] }[])[1]?.content.map(({ type }) => type)).toEqual([
      "tool_use",
      "text",
    ]);
  });

  it("trap 11: sends no empty text, no empty turn and no white space at the end", () => {
    const { body } = build({
      system: [text(" \n")],
      messages: [
        { role: "user", content: [text(""), text("hi")] },
        { role: "assistant", content: [text("")] },
        user("still there?"),
        { role: "assistant", content: [text("yes,  ")] },
      ],
    });
    expect(body).not.toHaveProperty("system");
    expect(body.messages).toEqual([
      { role: "user", content: [text("hi"), text("still there?")] },
      { role: "assistant", content: [text("yes,")] },
    ]);
  });

  it("begins with the user", () => {
    const { body } = build({ messages: [{ role: "assistant", content: [text("hello")] }, user("hi")] });
    expect((body.messages as { role: string }[])[0]?.role).toBe("user");
    const onlySystem = build({ system: [text("say hi")], messages: [] }).body;
    expect(onlySystem.messages).toEqual([{ role: "user", content: [text("say hi")] }]);
    expect(onlySystem).not.toHaveProperty("system");
    expect(() => build({ messages: [] })).toThrow(GatewayError);
  });

  it("traps 17 and 18: ids and names in Claude's characters, the same in tools, history and choice", () => {
    const name = "mcp.files::read";
    const { body } = build({
      messages: [
        user("hi"),
        { role: "assistant", content: [toolCall("call.1|x", name)] },
        { role: "tool", content: [result("call.1|x", "ok", name)] },
      ],
      tools: [{ name, parameters: {} }],
      toolChoice: { name },
    });
    const wire = createNameMap(request({ tools: [{ name, parameters: {} }] }), {
      allowed: /[a-zA-Z0-9_-]/,
      maxLength: 128,
    }).toWire(name);
    const turns = body.messages as { content: { id?: string; name?: string; tool_use_id?: string }[] }[];
    expect(wire).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect((body.tools as { name: string }[])[0]?.name).toBe(wire);
    expect(body.tool_choice).toEqual({ type: "tool", name: wire });
    expect(turns[1]?.content[0]?.name).toBe(wire);
    expect(turns[1]?.content[0]?.id).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(turns[2]?.content[0]?.tool_use_id).toBe(turns[1]?.content[0]?.id);
  });

  it("traps 9 and 10: media, in messages and in results", () => {
    const png = { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AA==" } } as const;
    const url = { kind: "url", url: "https://example.com/a.png" } as const;
    const { body, dropped } = build({
      messages: [
        {
          role: "user",
          content: [
            png,
            { type: "media", mimeType: "image/*", source: url },
            { type: "media", mimeType: "application/pdf", source: png.source, name: "a.pdf" },
            { type: "media", mimeType: "text/csv", source: { kind: "base64", data: "YSxi" } },
            { type: "media", mimeType: "audio/mpeg", source: png.source },
          ],
        },
        { role: "assistant", content: [toolCall("a")] },
        { role: "tool", content: [{ ...result("a"), content: [png] }] },
      ],
    });
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } };
    const turns = body.messages as { content: unknown[] }[];
    expect(turns[0]?.content).toEqual([
      image,
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "AA==" },
        title: "a.pdf",
      },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } },
      text("[audio/mpeg left out: this model reads no audio/mpeg]"),
    ]);
    expect(turns[2]?.content).toEqual([{ type: "tool_result", tool_use_id: "a", content: [image] }]);
    expect(dropped).toEqual(["audio/mpeg input"]);
  });

  it("shows media of an assistant turn in the user's next one", () => {
    const source = { kind: "base64", data: "AA==" } as const;
    const { body, dropped } = build({
      messages: [
        user("draw"),
        { role: "assistant", content: [text("here"), { type: "media", mimeType: "image/png", source }] },
        user("redder"),
      ],
    });
    const turns = body.messages as { content: { type: string }[] }[];
    expect(turns[2]?.content.map(({ type }) => type)).toEqual(["text", "text", "image"]);
    expect(dropped).toBeUndefined();
  });

  it("trap 21: sends only Claude's own thoughts, byte for byte", () => {
    const { body } = build({
      messages: [
        user("hi"),
        {
          role: "assistant",
          content: [
            signed("Eq==", "a "),
            { type: "thinking", text: "unsigned" },
            { type: "thinking", text: "foreign", signature: { origin: "gemini", value: "x" } },
            { type: "thinking", text: "", redacted: true, signature: { origin: "claude", value: "Em" } },
            { type: "thinking", text: "", redacted: true, signature: { origin: "gemini", value: "x" } },
            text("so"),
            signed("end"),
          ],
        },
        user("go"),
      ],
    });
    expect((body.messages as { content: unknown[] }[])[1]?.content).toEqual([
      { type: "thinking", thinking: "a ", signature: "Eq==" },
      { type: "redacted_thinking", data: "Em" },
      text("so"),
    ]);
  });

  it("trap 22: sends unsigned thoughts back where the provider wants them", () => {
    const messages: Message[] = [
      user("hi"),
      { role: "assistant", content: [{ type: "thinking", text: "hm" }, text("so")] },
      user("go"),
    ];
    const { body } = build({ messages }, { sendReasoning: true });
    expect((body.messages as { content: unknown[] }[])[1]?.content[0]).toEqual({
      type: "thinking",
      thinking: "hm",
      signature: "",
    });
  });

  it("turns loaded tools back into references", () => {
    const body = readJson("requests/claude-code-tool-search.turn2.json");
    const { body: built = {} } = buildRequest(parseRequest(body));
    expect((built.messages as unknown[]).at(-1)).toEqual((body.messages as unknown[]).at(-1));
  });

  describe("tools", () => {
    it.each([
      [{}, { type: "object", properties: {} }],
      [{ type: "object" }, { type: "object", properties: {} }],
      [
        { type: "object", properties: [] },
        { type: "object", properties: {} },
      ],
      [
        { type: "object", properties: { a: { type: "object", required: ["x", "x"] } }, required: ["a", "a"] },
        { type: "object", properties: { a: { type: "object", required: ["x"] } }, required: ["a"] },
      ],
      [
        {
          anyOf: [
            { properties: { a: { type: "string" } }, required: ["a", "k"] },
            { properties: { b: { type: "string" } }, required: ["b", "k"] },
          ],
          properties: { k: { enum: ["required"] } },
        },
        {
          type: "object",
          properties: { a: { type: "string" }, b: { type: "string" }, k: { enum: ["required"] } },
          required: ["k"],
        },
      ],
    ])("traps 14 and 16: makes %j an object schema Claude takes", (parameters, schema) => {
      const before = structuredClone(parameters);
      const { body } = build({ tools: [{ name: "a", parameters }] });
      expect(body.tools).toEqual([{ name: "a", input_schema: schema }]);
      expect(parameters).toEqual(before);
    });

    it("trap 26: sends custom tools as functions", () => {
      const { body } = build({ tools: [{ name: "patch", parameters: {}, kind: "custom" }] });
      expect(body.tools).toMatchObject([{ name: "patch", input_schema: { required: ["input"] } }]);
    });

    it("trap 27: sends its own server tools, and reports others", () => {
      const own = { type: "web_search_20250305", name: "web_search" };
      const { body, dropped } = build({
        serverTools: [
          { origin: "claude", name: "web_search", body: own },
          { origin: "gemini", name: "googleSearch", body: {} },
        ],
      });
      expect(body.tools).toEqual([own]);
      expect(dropped).toEqual(["server tool googleSearch"]);
    });

    it("sends of a tool's extra fields only Claude's", () => {
      const { body } = build({ tools: [{ ...weather, extra: { defer_loading: true, colour: "red" } }] });
      expect(body.tools).toEqual([
        {
          name: "get_weather",
          description: "The weather",
          input_schema: weather.parameters,
          defer_loading: true,
        },
      ]);
    });

    it.each([
      ["auto", { type: "auto" }],
      ["required", { type: "any" }],
      ["none", { type: "none" }],
      [{ name: "get_weather" }, { type: "tool", name: "get_weather" }],
    ] as const)("trap 24: tool choice %j", (toolChoice, wire) => {
      expect(build({ tools: [weather], toolChoice }).body.tool_choice).toEqual(wire);
      expect(build({ toolChoice }).body).not.toHaveProperty("tool_choice");
    });

    it("allows one call at a time", () => {
      const { body } = build({ tools: [weather], parallelTools: false });
      expect(body.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
    });
  });

  describe("thinking", () => {
    const on = (more: object = {}) => ({ mode: "on", ...more }) as const;

    it.each([
      [{ thinking: on({ effort: "high" }) }, { type: "enabled", budget_tokens: 24_576 }, 32_768],
      [{ thinking: on({ effort: "minimal" }) }, { type: "enabled", budget_tokens: 1024 }, 9216],
      [{ thinking: on({ budgetTokens: 100 }) }, { type: "enabled", budget_tokens: 1024 }, 9216],
      [{ thinking: on() }, { type: "enabled", budget_tokens: 8192 }, 16_384],
      [
        { thinking: on({ effort: "high" }), sampling: { maxTokens: 4000 } },
        { type: "enabled", budget_tokens: 3000 },
        4000,
      ],
      [
        { thinking: on({ budgetTokens: 2000 }), sampling: { maxTokens: 4000 } },
        { type: "enabled", budget_tokens: 2000 },
        4000,
      ],
      [{ thinking: on(), sampling: { maxTokens: 1024 } }, undefined, 1024],
      [{ thinking: { mode: "off" } as const }, { type: "disabled" }, 8192],
      [{}, undefined, 8192],
    ])("%j", (more, thinking, maxTokens) => {
      const { body } = build(more as Partial<UnifiedRequest>);
      expect(body.thinking).toEqual(thinking);
      expect(body.max_tokens).toBe(maxTokens);
    });

    it.each([
      ["claude-opus-4-7", "xhigh", "xhigh"],
      ["claude-opus-4-6-20260101", "xhigh", "high"],
      ["anthropic/claude-sonnet-4-6", "max", "high"],
      ["claude-haiku-5-5", "minimal", "low"],
      ["claude-mythos-preview", "max", "max"],
    ] as const)("%s thinks adaptively, effort %s as %s", (model, effort, sent) => {
      const { body } = build({ model, thinking: on({ effort }) });
      expect(body.thinking).toEqual({ type: "adaptive", display: "summarized" });
      expect(body.output_config).toEqual({ effort: sent });
    });

    it.each(["claude-sonnet-4-5-20250929", "claude-3-7-sonnet-latest", "claude-opus-4-20250514", "deepseek"])(
      "%s thinks by budget",
      (model) => {
        expect(build({ model, thinking: on() }).body.thinking).toMatchObject({ type: "enabled" });
      },
    );

    it("a quirk overrules the name", () => {
      const { body } = build({ thinking: on({ effort: "low" }) }, { adaptiveThinking: true });
      expect(body).toMatchObject({ thinking: { type: "adaptive" }, output_config: { effort: "low" } });
    });

    it("what a Claude client said is turned into what the model takes", () => {
      const asked = parseRequest(readJson("requests/claude-code-image.turn1.json"));
      const { body } = buildRequest({ ...asked, model: "claude-sonnet-4-5" });
      expect(body?.thinking).toEqual({ type: "enabled", budget_tokens: 24_576 });
      expect(body).not.toHaveProperty("output_config");
      const off = buildRequest({ ...asked, thinking: { mode: "off" } }).body;
      expect(off?.thinking).toEqual({ type: "disabled" });
      expect(off).not.toHaveProperty("context_management");
    });

    it("trap 24: gives way to a forced tool", () => {
      const { body, dropped } = build({ tools: [weather], toolChoice: "required", thinking: on() });
      expect(body).not.toHaveProperty("thinking");
      expect(dropped).toEqual(["thinking (not possible while a tool is forced)"]);
    });

    const turn = (...content: Extract<Message, { role: "assistant" }>["content"]): Message[] => [
      user("hi"),
      { role: "assistant", content },
      { role: "tool", content: [result("a")] },
    ];
    it("gives way where the turn under way shows no signed thoughts", () => {
      const { body, dropped } = build({ messages: turn(toolCall("a")), thinking: on() });
      expect(body).not.toHaveProperty("thinking");
      expect(dropped).toHaveLength(1);
      const messages = turn(signed("Eq"), toolCall("a"));
      expect(build({ messages, thinking: on() }).body.thinking).toMatchObject({ type: "enabled" });
      const later = [
        ...turn(toolCall("a")),
        { role: "assistant", content: [text("done")] } as Message,
        user("more"),
      ];
      expect(build({ messages: later, thinking: on() }).body.thinking).toMatchObject({ type: "enabled" });
    });

    it("drops the sampling it forbids", () => {
      const sampling = { temperature: 0.5, topP: 0.5, topK: 3 };
      const { body, dropped } = build({ thinking: on(), sampling });
      expect(body).not.toHaveProperty("temperature");
      expect(body).not.toHaveProperty("top_p");
      expect(body).not.toHaveProperty("top_k");
      expect(dropped).toHaveLength(3);
      const mild = build({ thinking: on(), sampling: { temperature: 1, topP: 0.95 } });
      expect(mild.body).toMatchObject({ top_p: 0.95 });
      expect(mild.dropped).toBeUndefined();
    });
  });

  it("trap 23: sends the sampling Claude knows, and names the rest", () => {
    const { body, dropped } = build({
      sampling: { temperature: 1.5, topP: 0.9, topK: 5, seed: 1, presencePenalty: 1, stop: ["\n", "END"] },
      logprobs: {},
      choices: 2,
      userId: "u",
    });
    expect(body).toMatchObject({
      temperature: 1,
      top_k: 5,
      stop_sequences: ["END"],
      metadata: { user_id: "u" },
    });
    expect(body).not.toHaveProperty("top_p");
    expect(dropped?.toSorted()).toEqual([
      "logprobs",
      "more than one choice",
      "presence_penalty",
      "seed",
      "stop sequences of white space only",
      "temperature above 1",
      "top_p (not along with temperature)",
    ]);
    expect(build({ model: "claude-opus-4-8", sampling: { temperature: 0 } }).body).not.toHaveProperty(
      "temperature",
    );
  });

  it("asks for JSON by schema, or in words", () => {
    const schema = {
      type: "object",
      properties: {
        age: { type: "integer", minimum: 0 },
        list: { type: "array", items: { type: "object" }, minItems: 2 },
      },
      additionalProperties: true,
    };
    const { body } = build({ output: { type: "json-schema", schema } });
    expect(body.output_config).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            age: { type: "integer", description: "{minimum: 0}" },
            list: {
              type: "array",
              items: { type: "object", properties: {}, additionalProperties: false },
              description: "{minItems: 2}",
            },
          },
          additionalProperties: false,
        },
      },
    });
    expect(build({ output: { type: "json" } }).body.system).toContain("JSON object");
  });

  it("gives blocks that only Claude has back as they came, and their text to others", () => {
    const found = { type: "web_search_result", title: "W", url: "https://a.b", encrypted_content: "E" };
    const pdf = { type: "base64", media_type: "application/pdf", data: "JVBERg==" };
    const assistant = [
      {
        type: "server_tool_use",
        id: "s",
        name: "web_search",
        input: { query: "x" },
        caller: { type: "direct" },
      },
      { type: "web_search_tool_result", tool_use_id: "s", content: [found] },
      {
        type: "text",
        text: "so",
        citations: [
          {
            type: "web_search_result_location",
            url: "https://a.b",
            title: "W",
            encrypted_index: "Eo",
            cited_text: "c",
          },
        ],
      },
      { type: "mcp_tool_use", id: "m", name: "echo", server_name: "e", input: {} },
      { type: "mcp_tool_result", tool_use_id: "m", is_error: false, content: [text("hi")] },
      {
        type: "tool_use",
        id: "t",
        name: "key",
        input: { text: "a" },
        caller: { type: "code_execution_20260120", tool_id: "s" },
        toolset_name: "computer",
      },
    ];
    const result = {
      type: "tool_result",
      tool_use_id: "t",
      content: [
        {
          type: "search_result",
          source: "s",
          title: "t",
          content: [text("found")],
          citations: { enabled: true },
        },
      ],
      toolset_name: "computer",
    };
    const said = [
      { type: "document", source: pdf, title: "a.pdf", context: "an old one", citations: { enabled: true } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "plain" }, title: "b" },
      {
        type: "document",
        source: {
          type: "content",
          content: [text("one"), { type: "image", source: { type: "url", url: "https://a.b/c.png" } }],
        },
      },
      { type: "image", source: { type: "file", file_id: "file_1" } },
      { type: "container_upload", file_id: "file_2", cache_control: { type: "ephemeral" } },
    ];
    const messages = [
      { role: "user", content: said },
      { role: "assistant", content: assistant },
      { role: "user", content: [result] },
    ];
    const asked = parseRequest({ model: "m", max_tokens: 5, messages });
    expect(buildRequest(asked).body?.messages).toEqual(messages);
    expect(buildRequest(asked).dropped).toBeUndefined();
  });

  it("never sends Claude what another provider cited", () => {
    const foreign = { url: "https://a.b", native: { origin: "gemini", body: { uri: "https://a.b" } } };
    const said: Message = { role: "assistant", content: [{ ...text("so"), citations: [foreign] }] };
    const { body } = build({ messages: [user("hi"), said, user("go")] });
    expect((body.messages as unknown[])[1]).toEqual({ role: "assistant", content: [text("so")] });
  });

  it("keeps fields it does not know for its own clients only", () => {
    const { body } = build({ extra: { claude: { service_tier: "auto" }, openai: { store: false } } });
    expect(body).toHaveProperty("service_tier", "auto");
    expect(body).not.toHaveProperty("store");
  });

  it("changes nothing of the request", () => {
    for (const name of names("requests")) {
      const asked = parseRequest(readJson(`requests/${name}`));
      const before = structuredClone(asked);
      buildRequest(asked);
      expect(asked).toEqual(before);
    }
  });
});
