import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import { parseRequest } from "../../../adapters/openai/parse-request.ts";
import { passThrough } from "../../../adapters/openai/pass-through.ts";
import { loadJson, makeCall, weather } from "./load.ts";
import type { Message, UnifiedRequest } from "../../../adapters/unified.ts";

const user: Message = { role: "user", content: [{ type: "text", text: "hi" }] };
const build = (fields: Partial<UnifiedRequest>, quirks?: Record<string, unknown>) =>
  buildRequest({ model: "m", messages: [user], stream: false, ...fields }, quirks && { quirks });
const body = (fields: Partial<UnifiedRequest>, quirks?: Record<string, unknown>) =>
  build(fields, quirks).body ?? {};
const image = { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AA==" } } as const;
const pair = (
  content: Extract<Message, { role: "tool" }>["content"][number]["content"],
  isError = false,
): Message[] => [
  user,
  { role: "assistant", content: [{ type: "tool-call", id: "c1", name: "look", args: "" }] },
  { role: "tool", content: [{ type: "tool-result", id: "c1", name: "look", content, isError }] },
];

describe("round trip of a client's request", () => {
  it.each(["opencode-chat.side", "opencode-chat.turn1"])("%s comes out as it went in", (name) => {
    const sent = loadJson(`requests/${name}.json`);
    expect(buildRequest(parseRequest(sent, makeCall())).body).toEqual(sent);
  });

  it("sends results right after their calls, with null content", () => {
    const { messages } =
      buildRequest(parseRequest(loadJson("requests/qwen-chat.turn2.json"), makeCall())).body ?? {};
    expect((messages as unknown[]).slice(-2)).toMatchObject([
      { role: "assistant", content: null, tool_calls: [{ id: "call_0001", type: "function" }] },
      { role: "tool", tool_call_id: "call_0001", content: expect.any(String) },
    ]);
  });

  it("keeps unknown fields, and drops those of the form before tools", () => {
    const sent = loadJson("requests/legacy-functions.json");
    const built = buildRequest(parseRequest({ ...(sent as object), top_k: 4, store: true }, makeCall()));
    expect(built.body).toMatchObject({
      top_k: 4,
      store: true,
      tools: [{ type: "function" }],
      tool_choice: "auto",
    });
    expect(built.body).not.toHaveProperty("functions");
    expect(built.body).not.toHaveProperty("function_call");
    expect(built.dropped).toBeUndefined();
  });

  it("refuses what only pass-through can carry", () => {
    expect(() => build({ nativeOnly: "prompt: token ids" })).toThrow(
      expect.objectContaining({ kind: "unsupported" }),
    );
  });
});

describe("messages", () => {
  it("traps 3 and 4: system text is one string under the role system", () => {
    const system = [{ type: "text", text: "a" } as const, { type: "text", text: "b" } as const];
    expect(body({ system }).messages).toEqual([
      { role: "system", content: "a\n\nb" },
      { role: "user", content: "hi" },
    ]);
    expect(body({ system }, { developerRole: true }).messages).toMatchObject([{ role: "developer" }, {}]);
  });

  it("trap 1: system text in the middle stays where it is", () => {
    const messages: Message[] = [user, { role: "system", content: [{ type: "text", text: "now" }] }];
    expect(body({ messages }).messages).toEqual([
      { role: "user", content: "hi" },
      { role: "system", content: "now" },
    ]);
  });

  it("trap 8: text after a call goes in front of it; trap 11: the content key is always there", () => {
    const messages: Message[] = [
      user,
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm" },
          { type: "text", text: "one" },
          { type: "tool-call", id: "c1", name: "f", args: "" },
          { type: "text", text: "two" },
        ],
      },
      { role: "tool", content: [{ type: "tool-result", id: "c1", name: "f", content: [] }] },
    ];
    expect(body({ messages }).messages).toEqual([
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: "one\n\ntwo",
        tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "" },
    ]);
  });

  it("traps 5 and 7: results first, then what the user says", () => {
    const results = ["c1", "c2"].map((id) => ({
      type: "tool-result" as const,
      id,
      name: "f",
      content: [{ type: "text" as const, text: id }],
    }));
    const messages: Message[] = [
      user,
      {
        role: "assistant",
        content: results.map(({ id }) => ({ type: "tool-call", id, name: "f", args: "{}" })),
      },
      { role: "tool", content: results },
      user,
    ];
    expect((body({ messages }).messages as { role: string }[]).map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "tool",
      "user",
    ]);
  });

  it("trap 9: pictures in results go into the user message after all results", () => {
    const label = { type: "text", text: "[result of look, call c1:]" };
    const picture = { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } };
    expect((body({ messages: pair([image]) }).messages as unknown[]).slice(2)).toEqual([
      { role: "tool", tool_call_id: "c1", content: "[see the next user message]" },
      { role: "user", content: [label, picture] },
    ]);
    const followed = [...pair([{ type: "text", text: "ok" }, image]), user];
    expect((body({ messages: followed }).messages as unknown[]).slice(2)).toEqual([
      { role: "tool", tool_call_id: "c1", content: "ok" },
      { role: "user", content: [label, picture, { type: "text", text: "hi" }] },
    ]);
  });

  it("says in words that a call failed", () => {
    expect(body({ messages: pair([{ type: "text", text: "no such file" }], true) }).messages).toContainEqual({
      role: "tool",
      tool_call_id: "c1",
      content: "Error:\nno such file",
    });
  });

  it("trap 10: writes every kind of media", () => {
    const media = (mimeType: string, extra = {}) => ({
      type: "media" as const,
      mimeType,
      source: { kind: "base64" as const, data: "aGk=" },
      ...extra,
    });
    const content = [
      { ...image, detail: "low" },
      media("audio/mpeg"),
      media("video/mp4"),
      media("application/pdf", { name: "a.pdf" }),
      media("text/plain", { name: "a.txt" }),
      {
        type: "media" as const,
        mimeType: "audio/wav",
        source: { kind: "url" as const, url: "https://x/a.wav" },
      },
    ];
    const built = build({ messages: [{ role: "user", content }] });
    expect(built.body?.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "low" } },
          { type: "input_audio", input_audio: { data: "aGk=", format: "mp3" } },
          { type: "video_url", video_url: { url: "data:video/mp4;base64,aGk=" } },
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" } },
          { type: "text", text: "a.txt:\nhi" },
          { type: "text", text: "[audio: https://x/a.wav]" },
        ],
      },
    ]);
    expect(built.dropped).toEqual(["audio by URL"]);
  });

  it("trap 18: shortens ids that are too long, the same way in call and result", () => {
    const id = `fc_${"x".repeat(60)}`;
    const messages: Message[] = [
      user,
      { role: "assistant", content: [{ type: "tool-call", id, name: "f", args: "{}" }] },
      { role: "tool", content: [{ type: "tool-result", id, name: "f", content: [] }] },
    ];
    const [, call, result] = body({ messages }).messages as {
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    expect(result?.tool_call_id).toMatch(/^call_[0-9a-f]{24}$/);
    expect(call?.tool_calls?.[0]?.id).toBe(result?.tool_call_id);
  });

  it("trap 20: gives Google's endpoint its own signatures back, and no others", () => {
    const signed = (origin: string): Message[] => [
      user,
      {
        role: "assistant",
        content: [{ type: "tool-call", id: "c1", name: "f", args: "{}", signature: { origin, value: "s" } }],
      },
    ];
    expect(JSON.stringify(body({ messages: signed("openai") }))).toContain('"thought_signature":"s"');
    expect(JSON.stringify(body({ messages: signed("gemini") }))).not.toContain("thought_signature");
  });

  it("trap 22: sends thoughts back only where they are wanted, then with every assistant message", () => {
    const messages: Message[] = [
      user,
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm" },
          { type: "text", text: "a" },
        ],
      },
      user,
      { role: "assistant", content: [{ type: "text", text: "b" }] },
    ];
    expect(JSON.stringify(body({ messages }))).not.toContain("hm");
    expect(body({ messages }, { sendReasoning: true }).messages).toMatchObject([
      {},
      { content: "a", reasoning_content: "hm" },
      {},
      { content: "b", reasoning_content: " " },
    ]);
  });

  it("writes cache marks only where they are read", () => {
    const system = [{ type: "text" as const, text: "a", cache: { type: "ephemeral" } }];
    expect(body({ system }).messages).toMatchObject([{ content: "a" }, {}]);
    expect(body({ system }, { cacheControl: true }).messages).toMatchObject([
      { content: [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }] },
      {},
    ]);
  });
});

describe("tools", () => {
  it("trap 14: gives every schema its properties, without touching the client's", () => {
    const parameters = { type: "object" };
    const listed = { type: "object", properties: [] };
    const tools = [
      { name: "a", parameters },
      { name: "b", parameters: listed },
      { name: "c", parameters: weather },
    ];
    expect(
      (body({ tools }).tools as { function: { parameters: unknown } }[]).map(
        (tool) => tool.function.parameters,
      ),
    ).toEqual([{ type: "object", properties: {} }, { type: "object", properties: {} }, weather]);
    expect(parameters).toEqual({ type: "object" });
  });

  it("custom tools become functions, or stay where the provider knows them", () => {
    const request = parseRequest(loadJson("requests/custom-tools.json"), makeCall());
    const plain = buildRequest(request).body;
    expect(plain?.tools).toMatchObject([
      { type: "function", function: { name: "apply_patch", parameters: { required: ["input"] } } },
      { type: "web_search" },
    ]);
    expect(plain?.tool_choice).toEqual({ type: "function", function: { name: "apply_patch" } });
    const sent = loadJson("requests/custom-tools.json") as Record<string, unknown>;
    const native = buildRequest(request, { quirks: { customTools: true } }).body;
    expect(native).toMatchObject({ tools: sent.tools, tool_choice: sent.tool_choice });
    expect(native?.messages).toMatchObject([
      {},
      { tool_calls: [{ type: "custom", custom: { input: '*** Begin Patch\n"x"\n' } }] },
      {},
    ]);
  });

  it("trap 27: names the server tools of other protocols as dropped", () => {
    const serverTools = [{ origin: "claude", name: "web_search_20250305", body: {} }];
    const built = build({ serverTools, toolChoice: "auto" });
    expect(built.dropped).toEqual(["web_search_20250305"]);
    expect(built.body).not.toHaveProperty("tools");
    expect(built.body).not.toHaveProperty("tool_choice");
  });

  it("parallel_tool_calls, and a provider that refuses the field", () => {
    const tools = [{ name: "a", parameters: {} }];
    expect(body({ tools, parallelTools: false })).toMatchObject({ parallel_tool_calls: false });
    const built = build({ tools, parallelTools: false }, { refuses: ["parallel_tool_calls"] });
    expect(built.body).not.toHaveProperty("parallel_tool_calls");
    expect(built.dropped).toEqual(["parallel_tool_calls"]);
    expect(body({ parallelTools: false })).not.toHaveProperty("parallel_tool_calls");
  });
});

describe("parameters", () => {
  it.each([
    ["o3-mini", true],
    ["gpt-5.2", true],
    ["openai/gpt-6-sol", true],
    ["gpt-5", true],
    ["gpt-4o", false],
    ["gpt-35-turbo", false],
    ["gpt-oss:20b", false],
    ["openai/gpt-oss-120b", false],
    ["gpt-5-chat-latest", false],
    ["vendor/gpt-5", false],
    ["olmo-3", false],
    ["qwen3", false],
  ])("trap 23: %s", (model, expected) => {
    const built = build({ model, sampling: { maxTokens: 9, temperature: 0.5 } });
    expect(built.body).toMatchObject(
      expected ? { max_completion_tokens: 9 } : { max_tokens: 9, temperature: 0.5 },
    );
    expect(built.body).not.toHaveProperty(expected ? "max_tokens" : "max_completion_tokens");
    expect(built.dropped).toEqual(expected ? ["temperature"] : undefined);
  });

  it("trap 35: asks for usage when it streams, except where that is refused", () => {
    expect(body({ stream: true })).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(body({ stream: true }, { refuses: ["stream_options"] })).not.toHaveProperty("stream_options");
    const extra = { openai: { stream_options: { include_usage: true } } };
    expect(body({ stream: false, extra })).not.toHaveProperty("stream_options");
  });

  it.each([
    [{ mode: "off" }, {}, { reasoning_effort: "none" }],
    [{ mode: "on" }, {}, { reasoning_effort: "medium" }],
    [{ mode: "on", effort: "max" }, {}, { reasoning_effort: "high" }],
    [{ mode: "on", effort: "max" }, { efforts: ["low", "max"] }, { reasoning_effort: "max" }],
    [{ mode: "off" }, { efforts: ["low", "max"], thinkingOff: false }, { reasoning_effort: "low" }],
    [{ mode: "on", budgetTokens: 2000 }, {}, { reasoning_effort: "low" }],
    [{ mode: "off" }, { reasoningField: "reasoning" }, { reasoning: { enabled: false } }],
    [
      { mode: "on", budgetTokens: 2000, visible: false },
      { reasoningField: "reasoning" },
      { reasoning: { max_tokens: 2000, exclude: true } },
    ],
    [{ mode: "on", effort: "low" }, { reasoningField: "reasoning" }, { reasoning: { effort: "low" } }],
    [{ mode: "on" }, { reasoningField: "reasoning" }, { reasoning: { enabled: true } }],
  ] as const)("thinking %j with %j", (thinking, quirks, expected) => {
    expect(body({ thinking }, quirks)).toMatchObject(expected);
  });

  it("names what is dropped", () => {
    const sampling = { topK: 40, minP: 0.1, repeatPenalty: 1.1 };
    const userId = "x".repeat(65);
    const built = build(
      { sampling, userId, choices: 3, thinking: { mode: "on" } },
      { reasoningField: "none" },
    );
    expect(built.dropped?.toSorted()).toEqual([
      "min_p",
      "n",
      "repetition_penalty",
      "thinking",
      "top_k",
      "user",
    ]);
    expect(Object.keys(built.body ?? {})).toEqual(["model", "messages"]);
    expect(build({ sampling }, { extendedSampling: true })).toMatchObject({
      body: { top_k: 40, min_p: 0.1, repetition_penalty: 1.1 },
    });
  });

  it("writes the output format", () => {
    expect(body({ output: { type: "json" } }).response_format).toEqual({ type: "json_object" });
    const schema = { type: "object" };
    expect(body({ output: { type: "json-schema", schema, name: "a b" } }).response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "a_b", schema },
    });
  });

  it("ignores quirks that make no sense", () => {
    expect(
      body({ sampling: { maxTokens: 1 } }, { maxTokensField: "tokens", efforts: [], sendReasoning: 3 }),
    ).toMatchObject({ max_tokens: 1 });
  });
});

describe("passThrough", () => {
  it("knows the two chat routes", () => {
    expect(passThrough(makeCall("chat"), "m", true)?.path).toBe("/v1/chat/completions");
    expect(passThrough(makeCall("completions"), "m", false)?.path).toBe("/v1/completions");
    expect(passThrough({ ...makeCall(), job: "embed" }, "m", false)).toBeUndefined();
  });

  it("trap 32: leaves streams to the reader that repeat themselves", () => {
    const options = { quirks: { cumulative: true } };
    expect(passThrough(makeCall("chat"), "m", true, options)).toBeUndefined();
    expect(passThrough(makeCall("chat"), "m", false, options)?.path).toBe("/v1/chat/completions");
  });
});
