import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/gemini/build-request.ts";
import { parseRequest } from "../../../adapters/gemini/parse-request.ts";
import type {
  AssistantPart,
  Message,
  ToolResultPart,
  UnifiedRequest,
  UserPart,
} from "../../../adapters/unified.ts";
import { call, readJson, request, weather } from "./fixtures.ts";

interface Part {
  text?: string;
  functionCall?: { id: string; name: string };
  functionResponse?: { id: string; name: string };
  inlineData?: object;
  thoughtSignature?: string;
}
const build = (more: Partial<UnifiedRequest>) => {
  const { body = {}, dropped, path } = buildRequest(request(more));
  return { ...body, dropped, path } as unknown as Record<string, unknown> & {
    contents: { role: string; parts: Part[] }[];
    dropped?: string[];
    generationConfig?: Record<string, unknown>;
  };
};
const said: Message = { role: "user", content: [{ type: "text", text: "hi" }] };
const called = (...parts: Partial<AssistantPart & { id: string }>[]): Message => ({
  role: "assistant",
  content: parts.map(
    (part) => ({ type: "tool-call", name: "get_weather", args: "{}", ...part }) as AssistantPart,
  ),
});
const result = (id: string, content: ToolResultPart["content"] = [], more: object = {}): ToolResultPart => ({
  type: "tool-result",
  id,
  name: "get_weather",
  content,
  ...more,
});
const image = {
  type: "media" as const,
  mimeType: "image/png",
  source: { kind: "base64" as const, data: "AA==" },
};

describe("buildRequest", () => {
  it("puts the model's name in the path", () => {
    expect(build({ model: "gemini-2.5-pro" }).path).toBe("/v1beta/models/gemini-2.5-pro:generateContent");
    expect(build({ model: "models/a/b:c ?", stream: true }).path).toBe(
      "/v1beta/models/a/b%3Ac%20%3F:streamGenerateContent?alt=sse",
    );
    expect(build({ model: "tunedModels/x" }).path).toBe("/v1beta/tunedModels/x:generateContent");
    expect(() => build({ model: "../../x" })).toThrow(/expected a name without/);
  });

  it("sends back what a Gemini client sent", () => {
    const body = readJson("requests/everything.json");
    const asked = parseRequest(body, { ...call(), params: { model: "gemini-2.5-flash" } });
    const { systemInstruction, ...rest } = buildRequest(asked).body ?? {};
    const { systemInstruction: _given, ...expected } = body;
    expect(rest).toEqual(expected);
    expect(systemInstruction).toEqual({ parts: [{ text: "Be brief." }, { text: "Be kind." }] });
  });

  it("trap 6: all results of a turn are one content, media and words behind them", () => {
    const { contents } = build({
      messages: [
        said,
        called({ id: "a" }, { id: "b" }),
        { role: "tool", content: [result("b", [{ type: "text", text: "1" }, image])] },
        { role: "tool", content: [result("a", [{ type: "text", text: "bad" }], { isError: true })] },
        said,
      ],
    });
    expect(contents.slice(2)).toEqual([
      {
        role: "user",
        parts: [
          { functionResponse: { id: "b", name: "get_weather", response: { output: "1" } } },
          { functionResponse: { id: "a", name: "get_weather", response: { error: "bad" } } },
        ],
      },
      {
        role: "user",
        parts: [
          { text: "[media in the result of get_weather (call b)]" },
          { inlineData: { mimeType: "image/png", data: "AA==" } },
          { text: "hi" },
        ],
      },
    ]);
  });

  it("trap 20: gives signatures back, and only Gemini 3 the placeholder on the first call that lost its own", () => {
    const signature = { origin: "gemini", value: "QQ==" };
    const foreign = { origin: "claude", value: "x" };
    const sign = (model: string, ...parts: object[]) =>
      build({ model, messages: [said, called(...parts)] }).contents[1]?.parts.map(
        (part) => part.thoughtSignature,
      );
    expect(sign("gemini-2.5-pro", { id: "a", signature }, { id: "b" })).toEqual(["QQ==", undefined]);
    expect(sign("gemini-2.5-pro", { id: "a", signature: foreign }, { id: "b" })).toEqual([
      undefined,
      undefined,
    ]);
    expect(sign("some-model", { id: "a" })).toEqual([undefined]);
    const skip = "skip_thought_signature_validator";
    expect(sign("gemini-3-pro-preview", { id: "a", signature: foreign }, { id: "b" })).toEqual([
      skip,
      undefined,
    ]);
    expect(sign("models/gemini-3.1-flash", { id: "a" }, { id: "b", signature })).toEqual([skip, "QQ=="]);
    expect(sign("gemini-flash-latest", { id: "a" })).toEqual([skip]);
  });

  it("trap 21: sends back only thoughts that Gemini signed", () => {
    const thought = (text: string, origin?: string): AssistantPart => ({
      type: "thinking",
      text,
      ...(origin && { signature: { origin, value: "QQ==" } }),
    });
    const content = [
      thought("a"),
      thought("b", "claude"),
      thought("c", "gemini"),
      { type: "text" as const, text: "so" },
    ];
    const messages: Message[] = [
      said,
      { role: "assistant", content: [...content, thought("", "gemini")] },
      said,
    ];
    expect(build({ messages }).contents[1]?.parts).toEqual([
      { text: "c", thought: true, thoughtSignature: "QQ==" },
      { text: "so", thoughtSignature: "QQ==" },
    ]);
    expect(build({ messages }).dropped).toBeUndefined();
  });

  it("trap 17: gives tools names that Gemini takes, in definitions, calls, results and choice", () => {
    const name = `9mcp::${"x".repeat(80)}`;
    const messages: Message[] = [
      said,
      { role: "assistant", content: [{ type: "tool-call", id: "a", name, args: "{}" }] },
      { role: "tool", content: [{ type: "tool-result", id: "a", name, content: [] }] },
    ];
    const { contents, tools, toolConfig } = build({
      messages,
      tools: [{ ...weather, name }],
      toolChoice: { name },
    });
    const [wire] = (tools as { functionDeclarations: { name: string }[] }[]).flatMap((tool) =>
      tool.functionDeclarations.map((one) => one.name),
    );
    expect(wire).toMatch(/^_[\w.-]{0,63}$/);
    expect(contents[1]?.parts[0]?.functionCall?.name).toBe(wire);
    expect(contents[2]?.parts[0]?.functionResponse?.name).toBe(wire);
    expect(toolConfig).toEqual({ functionCallingConfig: { mode: "ANY", allowedFunctionNames: [wire] } });
  });

  it("trap 24: chooses tools in Gemini's words, and not without tools", () => {
    const mode = (toolChoice: UnifiedRequest["toolChoice"]) =>
      build({ tools: [weather], toolChoice }).toolConfig;
    expect(mode("auto")).toEqual({ functionCallingConfig: { mode: "AUTO" } });
    expect(mode("none")).toEqual({ functionCallingConfig: { mode: "NONE" } });
    expect(mode("required")).toEqual({ functionCallingConfig: { mode: "ANY" } });
    expect(build({ toolChoice: "required" })).not.toHaveProperty("toolConfig");
    expect(build({ tools: [weather], parallelTools: false }).dropped).toEqual(["parallel tool calls off"]);
  });

  it("traps 26 and 27: custom tools become functions, other protocols' server tools are reported", () => {
    const { tools, dropped } = build({
      tools: [{ name: "patch", kind: "custom", parameters: {} }],
      serverTools: [
        { origin: "claude", name: "web_search", body: {} },
        { origin: "gemini", name: "googleSearch", body: { googleSearch: {} } },
      ],
    });
    expect(tools).toMatchObject([
      { functionDeclarations: [{ name: "patch", parametersJsonSchema: { required: ["input"] } }] },
      { googleSearch: {} },
    ]);
    expect(dropped).toEqual(["server tool web_search"]);
  });

  it("asks for JSON by schema, or in words where tools are there", () => {
    const schema = {
      type: "object",
      properties: { a: { type: ["string", "null"] } },
      additionalProperties: false,
    };
    const output = { type: "json-schema" as const, schema };
    expect(build({ output }).generationConfig).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object", properties: { a: { type: "string", nullable: true } } },
    });
    expect(build({ output: { type: "json" } }).generationConfig).toEqual({
      responseMimeType: "application/json",
    });
    const told = build({ output, tools: [weather] });
    expect(told).not.toHaveProperty("generationConfig");
    expect(JSON.stringify(told.systemInstruction)).toContain("It must match this JSON Schema");
    expect(told.dropped?.join()).toMatch(/^response schema/);
  });

  it.each<[string, UnifiedRequest["thinking"], number | undefined, object | undefined]>([
    ["gemini-2.5-flash", { mode: "off" }, undefined, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", { mode: "off" }, undefined, { thinkingBudget: 128 }],
    ["gemini-3-pro-preview", { mode: "off" }, undefined, { thinkingLevel: "low" }],
    ["gemini-3-flash-preview", { mode: "off" }, undefined, { thinkingLevel: "minimal" }],
    ["gemini-2.5-pro", { mode: "on" }, undefined, { includeThoughts: true }],
    ["gemini-2.5-flash-lite", { mode: "on" }, undefined, { includeThoughts: true, thinkingBudget: -1 }],
    [
      "gemini-2.5-flash",
      { mode: "on", effort: "low" },
      undefined,
      { includeThoughts: true, thinkingBudget: 2048 },
    ],
    [
      "gemini-2.5-flash",
      { mode: "on", effort: "max" },
      undefined,
      { includeThoughts: true, thinkingBudget: 24_576 },
    ],
    [
      "gemini-2.5-flash",
      { mode: "on", budgetTokens: 5000 },
      4000,
      { includeThoughts: true, thinkingBudget: 3000 },
    ],
    [
      "gemini-3-pro-preview",
      { mode: "on", effort: "medium" },
      undefined,
      { includeThoughts: true, thinkingLevel: "low" },
    ],
    [
      "gemini-3.1-pro",
      { mode: "on", effort: "max" },
      undefined,
      { includeThoughts: true, thinkingLevel: "high" },
    ],
    [
      "gemini-3-pro",
      { mode: "on", visible: false, budgetTokens: 30_000 },
      undefined,
      { includeThoughts: false, thinkingLevel: "high" },
    ],
    ["gemini-2.0-flash", { mode: "on", effort: "high" }, undefined, undefined],
    ["gemma-3-27b-it", { mode: "off" }, undefined, undefined],
    ["some-model", { mode: "off" }, undefined, { thinkingBudget: 0 }],
    ["some-model", undefined, 100, undefined],
    ["gemini-2.5-flash", undefined, 5000, undefined],
    ["gemini-2.5-flash", undefined, 100, { thinkingBudget: 0 }],
    ["gemini-3-pro-preview", undefined, 100, { thinkingLevel: "low" }],
  ])("trap 23: %s, %j, at most %s tokens → %j", (model, thinking, maxTokens, expected) => {
    const { generationConfig } = build({ model, thinking, sampling: { maxTokens } });
    expect(generationConfig?.thinkingConfig).toEqual(expected);
  });

  it("reports what Gemini has no word for", () => {
    const { dropped, generationConfig } = build({
      sampling: { minP: 0.1, repeatPenalty: 2, stop: ["a", "", "b", "c", "d", "e", "f"], topK: 3, seed: 1 },
      choices: 2,
      logprobs: { top: 2 },
      thinking: { mode: "off" },
      model: "gemini-2.5-pro",
    });
    expect(dropped).toEqual([
      "min_p",
      "repeat_penalty",
      "stop sequences beyond 5",
      "thinking off (this model always thinks)",
      "more than one choice",
    ]);
    expect(generationConfig).toMatchObject({
      topK: 3,
      seed: 1,
      stopSequences: ["a", "b", "c", "d", "e"],
      responseLogprobs: true,
      logprobs: 2,
    });
  });

  it("gives media as Gemini takes them", () => {
    const url = (at: string, mimeType = "image/*") => ({
      type: "media" as const,
      mimeType,
      source: { kind: "url" as const, url: at },
    });
    const content: UserPart[] = [
      image,
      url("https://a.b/c"),
      url("gs://a/b", "application/pdf"),
      url("file-123"),
    ];
    const { contents, dropped } = build({ messages: [{ role: "user", content }] });
    expect(contents[0]?.parts).toEqual([
      { inlineData: { mimeType: "image/png", data: "AA==" } },
      { fileData: { fileUri: "https://a.b/c" } },
      { fileData: { fileUri: "gs://a/b", mimeType: "application/pdf" } },
      { text: "[image/*: file-123]" },
    ]);
    expect(dropped).toEqual(["image/* by URL"]);
  });

  it("trap 1: system text on the way becomes the user's; a request of system text alone is a user's", () => {
    const system = [{ type: "text" as const, text: "Be brief." }];
    expect(build({ messages: [said, { role: "system", content: system }] }).contents).toEqual([
      { role: "user", parts: [{ text: "hi" }, { text: "<system-reminder>\nBe brief.\n</system-reminder>" }] },
    ]);
    expect(build({ system, messages: [] }).contents).toEqual([
      { role: "user", parts: [{ text: "Be brief." }] },
    ]);
    expect(() => build({ messages: [] })).toThrow(/expected at least one/);
  });

  const id = fc.constantFrom("a", "b", "c");
  const text = fc.constantFrom("", "hi").map((value) => ({ type: "text" as const, text: value }));
  const list = <T>(part: fc.Arbitrary<T>) => fc.array(part, { maxLength: 3 });
  const userPart: fc.Arbitrary<UserPart> = fc.oneof(text, fc.constant(image));
  const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
    userPart,
    id.map((one) => ({ type: "tool-call" as const, id: one, name: "t", args: "{}" })),
  );
  const once = (parts: AssistantPart[]) => {
    const seen = new Set<string>();
    return parts.filter((part) => part.type !== "tool-call" || (!seen.has(part.id) && seen.add(part.id)));
  };
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc.record({ role: fc.constant("user" as const), content: list(userPart) }),
    fc.record({ role: fc.constant("system" as const), content: list(text) }),
    fc.record({
      role: fc.constant("tool" as const),
      content: list(fc.tuple(id, list(userPart)).map(([one, content]) => result(one, content))),
    }),
    fc.record({ role: fc.constant("assistant" as const), content: list(assistantPart).map(once) }),
  );

  it("trap 6: any conversation becomes one that Gemini accepts", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 7 }), (messages) => {
        const { contents } = build({ messages: [...messages, said] });
        expect(contents[0]?.role).toBe("user");
        for (const [index, { role, parts }] of contents.entries()) {
          const before = contents[index - 1];
          expect(parts.length).toBeGreaterThan(0);
          for (const part of parts) expect(part.text).not.toBe("");
          const results = parts.flatMap((part) => part.functionResponse?.id ?? []);
          if (results.length) expect(results).toHaveLength(parts.length);
          // Only what follows results may be of the same role.
          if (before?.role === role) expect(before.parts[0]).toHaveProperty("functionResponse");
          const calls = before?.parts.flatMap((part) => part.functionCall?.id ?? []) ?? [];
          expect(results.toSorted()).toEqual(calls.toSorted());
        }
      }),
      { numRuns: 1000 },
    );
  });
});
