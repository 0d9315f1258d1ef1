import { describe, expect, it } from "vitest";
import { parseRequest } from "../../../adapters/openai/parse-request.ts";
import { loadJson, makeCall, weather } from "./load.ts";

const parse = (body: unknown, variant?: string) => parseRequest(body, makeCall(variant));
const load = (name: string, variant?: string) => parse(loadJson(`requests/${name}.json`), variant);
const chat = (fields: Record<string, unknown>) =>
  parse({ model: "m", messages: [{ role: "user", content: "hi" }], ...fields });
const tools = [{ type: "function", function: { name: "get_weather", parameters: weather } }];

describe("chat requests of real clients", () => {
  it.each([
    "opencode-chat.side",
    "opencode-chat.turn1",
    "opencode-chat.turn2",
    "qwen-chat.turn1",
    "qwen-chat.turn2",
  ])("%s", (name) => {
    const request = load(name);
    expect(request).toMatchObject({
      model: "mock-model",
      stream: true,
      extra: { openai: { stream_options: { include_usage: true } } },
    });
    expect(request.system).toHaveLength(1);
    expect(request.nativeOnly).toBeUndefined();
  });

  it("trap 19: gives the result the name of its call", () => {
    for (const name of ["opencode-chat.turn2", "qwen-chat.turn2"]) {
      const [call, results] = load(name).messages.slice(-2);
      expect(call).toMatchObject({ role: "assistant", content: [{ type: "tool-call", id: "call_0001" }] });
      expect(results).toMatchObject({
        role: "tool",
        content: [{ id: "call_0001", name: expect.stringMatching(/^write/) }],
      });
    }
  });
});

describe("messages", () => {
  it("reads every kind of content and every parameter", () => {
    const request = load("content-parts");
    expect(request).toMatchObject({
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            {
              type: "media",
              mimeType: "image/jpeg",
              source: { kind: "base64", data: "/9j/4AAQ" },
              detail: "low",
            },
            {
              type: "media",
              mimeType: "image/png",
              source: { kind: "url", url: "https://example.com/cat.png" },
            },
            { type: "media", mimeType: "audio/mpeg", source: { kind: "base64", data: "UklGRg==" } },
            {
              type: "media",
              mimeType: "application/pdf",
              source: { kind: "base64", data: "JVBERi0=" },
              name: "paper.pdf",
            },
          ],
        },
        { role: "assistant", content: [{ type: "text", text: "I cannot tell." }] },
        { role: "system", content: [{ type: "text", text: "Try again." }] },
        { role: "user", content: [{ type: "text", text: "Please." }] },
      ],
      sampling: {
        maxTokens: 64,
        stop: ["END"],
        seed: 7,
        temperature: 0.2,
        topP: 0.9,
        presencePenalty: 0.1,
        frequencyPenalty: -0.1,
      },
      logprobs: { top: 2 },
      output: {
        type: "json-schema",
        name: "answer",
        schema: { type: "object", properties: {} },
        strict: true,
      },
      thinking: { mode: "on", effort: "low" },
      userId: "u-1",
      stream: false,
      extra: { openai: { metadata: { a: "b" } } },
    });
    expect(request.choices).toBeUndefined();
  });

  it("traps 5 and 7: brings the results of one turn together, in front of what the user said between them", () => {
    const request = load("parallel-results");
    expect(request.messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "user"]);
    expect(request.messages[1]?.content[0]).toEqual({ type: "thinking", text: "Two calls." });
    expect(request.messages[2]?.content).toMatchObject([
      { id: "call_a", name: "get_weather", content: [{ text: "21 degrees" }] },
      { id: "call_b", name: "get_weather", content: [{ text: "25 degrees" }, { type: "media" }] },
    ]);
    expect(request).toMatchObject({ toolChoice: { name: "get_weather" }, parallelTools: false });
    expect(request.tools).toEqual([
      { name: "get_weather", description: "The weather of a city", parameters: weather, strict: true },
      { name: "now", parameters: { type: "object", properties: {} } },
    ]);
  });

  it("reads custom tools, their calls and server tools", () => {
    expect(load("custom-tools")).toMatchObject({
      tools: [
        {
          name: "apply_patch",
          kind: "custom",
          format: { type: "grammar", syntax: "lark", definition: "start: /.+/" },
        },
      ],
      serverTools: [{ origin: "openai", name: "web_search", body: { type: "web_search" } }],
      toolChoice: { name: "apply_patch" },
      messages: [
        {},
        {
          content: [
            {
              type: "tool-call",
              id: "call_1",
              name: "apply_patch",
              args: '{"input":"*** Begin Patch\\n\\"x\\"\\n"}',
            },
          ],
        },
        { role: "tool" },
      ],
    });
  });

  it("reads functions, the form before tools, and pairs results by name", () => {
    const { messages, tools, toolChoice } = load("legacy-functions");
    const [call] = messages[1]?.content ?? [];
    expect(tools).toMatchObject([{ name: "get_weather" }]);
    expect(toolChoice).toBe("auto");
    expect(call).toMatchObject({ type: "tool-call", name: "get_weather" });
    expect(messages[2]?.content).toMatchObject([
      { id: call && "id" in call ? call.id : "", name: "get_weather" },
    ]);
  });

  it("traps 11 and 12: null and empty content, empty tool_calls", () => {
    const { messages } = chat({
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "", tool_calls: [] },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c", function: { name: "f", arguments: "" } }],
        },
        { role: "tool", tool_call_id: "c", content: null },
        { role: "user", content: "" },
      ],
    });
    expect(messages).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }] },
      { role: "assistant", content: [{ type: "tool-call", id: "c", name: "f", args: "" }] },
      { role: "tool", content: [{ type: "tool-result", id: "c", name: "f", content: [] }] },
      { role: "user", content: [{ type: "text", text: "" }] },
    ]);
  });

  it("reads arguments as an object, sealed signatures, and pictures of an earlier answer", () => {
    const { messages } = chat({
      messages: [
        { role: "user", content: "a" },
        {
          role: "assistant",
          content: null,
          reasoning: "hm",
          images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }],
          tool_calls: [
            {
              id: "c",
              function: { name: "f", arguments: { a: 1 } },
              extra_content: { google: { thought_signature: "ccproxy.gemini.xyz" } },
            },
          ],
        },
      ],
    });
    expect(messages[1]?.content).toEqual([
      { type: "thinking", text: "hm" },
      { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AA==" } },
      {
        type: "tool-call",
        id: "c",
        name: "f",
        args: '{"a":1}',
        signature: { origin: "gemini", value: "xyz" },
      },
    ]);
  });

  it("finds out the type of a picture without one", () => {
    const { messages } = chat({
      messages: [
        { role: "user", content: [{ type: "image_url", image_url: { url: "data:;base64,iVBORw0K" } }] },
      ],
    });
    expect(messages[0]?.content[0]).toMatchObject({ mimeType: "image/png" });
  });

  it.each([
    ["a file by id", { type: "file", file: { file_id: "file-1" } }, "messages[0].content[0].file.file_id"],
    ["an unknown part", { type: "hologram" }, 'messages[0].content[0]: content of type "hologram"'],
  ])("%s is for pass-through alone", (_, part, words) => {
    expect(chat({ messages: [{ role: "user", content: [part] }] }).nativeOnly).toContain(words);
  });
});

describe("parameters", () => {
  it.each([
    ["auto", "auto"],
    ["none", "none"],
    ["required", "required"],
    ["any", "required"],
    [{ type: "function", function: { name: "get_weather" } }, { name: "get_weather" }],
    [{ type: "allowed_tools", allowed_tools: { mode: "required", tools: tools } }, "required"],
  ])("trap 24: tool_choice %j", (choice, expected) => {
    expect(chat({ tools, tool_choice: choice }).toolChoice).toEqual(expected);
  });

  it("allowed_tools narrows the list", () => {
    const both = [...tools, { type: "function", function: { name: "now" } }];
    const choice = { type: "allowed_tools", allowed_tools: { mode: "auto", tools } };
    expect(chat({ tools: both, tool_choice: choice }).tools?.map((tool) => tool.name)).toEqual([
      "get_weather",
    ]);
  });

  it("trap 13: no tools, no choice", () => {
    const request = chat({ tools: [], tool_choice: "auto", parallel_tool_calls: true });
    expect(request).not.toHaveProperty("tools");
    expect(request).not.toHaveProperty("toolChoice");
    expect(request).not.toHaveProperty("parallelTools");
  });

  it.each([
    [{ reasoning_effort: "none" }, { mode: "off" }],
    [{ reasoning_effort: "xhigh" }, { mode: "on", effort: "xhigh" }],
    [{ reasoning_effort: "default" }, undefined],
    [{ reasoning_effort: "hyper" }, { mode: "on" }],
    [{ reasoning: { effort: "high", exclude: true } }, { mode: "on", effort: "high", visible: false }],
    [{ reasoning: { max_tokens: 2000 } }, { mode: "on", budgetTokens: 2000 }],
    [{ reasoning: { enabled: false } }, { mode: "off" }],
    [{ reasoning: {} }, undefined],
  ])("thinking %j", (fields, expected) => {
    expect(chat(fields).thinking).toEqual(expected);
  });

  it.each([
    [{ type: "text" }, undefined],
    [{ type: "json_object" }, { type: "json" }],
    [
      { type: "json_object", schema: { type: "object" } },
      { type: "json-schema", schema: { type: "object" } },
    ],
    [{ type: "grammar", value: "x" }, undefined],
  ])("response_format %j", (format, expected) => {
    expect(chat({ response_format: format }).output).toEqual(expected);
  });

  it("trap 23: the newer limit wins; -1 is none", () => {
    expect(chat({ max_tokens: 5, max_completion_tokens: 7 }).sampling).toEqual({ maxTokens: 7 });
    expect(chat({ max_tokens: -1 })).not.toHaveProperty("sampling");
  });

  it("keeps sampling that is not OpenAI's in both forms", () => {
    expect(chat({ top_k: 40 })).toMatchObject({ sampling: { topK: 40 }, extra: { openai: { top_k: 40 } } });
  });

  it.each([
    [undefined, "body"],
    [{}, "model"],
    [{ model: "m" }, "messages"],
    [{ model: "m", messages: [] }, "messages"],
    [{ model: "m", messages: ["hi"] }, "messages[0]"],
    [{ model: "m", messages: [{ role: "robot" }] }, "messages[0].role"],
    [{ model: "m", messages: [{ role: "user", content: 3 }] }, "messages[0].content"],
    [{ model: "m", messages: [{ role: "user" }] }, "messages[0].content"],
    [
      { model: "m", messages: [{ role: "user", content: [{ type: "text" }] }] },
      "messages[0].content[0].text",
    ],
    [
      { model: "m", messages: [{ role: "assistant", tool_calls: [{ id: "a" }] }] },
      "messages[0].tool_calls[0].function",
    ],
    [{ model: "m", messages: [{ role: "user", content: "a" }], temperature: "hot" }, "temperature"],
    [
      { model: "m", messages: [{ role: "user", content: "a" }], tools: [{ type: "function", function: {} }] },
      "tools[0].function.name",
    ],
    [{ model: "m", messages: [{ role: "user", content: "a" }], tools, tool_choice: 3 }, "tool_choice"],
  ])("names the place of a mistake: %j", (body, place) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ kind: "invalid-request", param: place }));
  });

  it("is not led astray by a __proto__ key", () => {
    const body: unknown = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"a"}],"__proto__":{"stream":true}}',
    );
    expect(parse(body)).not.toHaveProperty("extra");
    expect(parse(body).stream).toBe(false);
  });
});

describe("legacy completions", () => {
  it("a prompt becomes a user message", () => {
    expect(load("completion", "completions")).toEqual({
      model: "some-model",
      messages: [{ role: "user", content: [{ type: "text", text: "Once upon a time" }] }],
      sampling: { maxTokens: 16, stop: ["\n"] },
      logprobs: { top: 2 },
      stream: true,
      extra: { openai: { stream_options: { include_usage: true } } },
    });
  });

  it.each([
    [{ prompt: ["a", "b"] }, "several prompts"],
    [{ prompt: [1, 2] }, "token ids"],
    [{ prompt: "a", suffix: "b" }, "suffix"],
    [{ prompt: "a", echo: true }, "echo"],
  ])("%j is for pass-through alone", (fields, words) => {
    expect(parse({ model: "m", ...fields }, "completions").nativeOnly).toContain(words);
  });
});
