import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { parseRequest } from "../../../adapters/gemini/parse-request.ts";
import { NO_SIGNATURE, sealThought } from "../../../adapters/gemini/seal-thought.ts";
import { call, readJson } from "./fixtures.ts";

const hi = [{ role: "user", parts: [{ text: "hi" }] }];
const read = (body: Record<string, unknown>, from = call()) => parseRequest({ contents: hi, ...body }, from);
const model = (...parts: unknown[]) => ({ role: "model", parts });
const user = (...parts: unknown[]) => ({ role: "user", parts });
const asked = { name: "find", args: { q: 1 } };
const declared = (...names: string[]) => ({
  tools: [{ functionDeclarations: names.map((name) => ({ name })) }],
});
const calling = (mode: string, ...allowedFunctionNames: string[]) => ({
  toolConfig: {
    functionCallingConfig: { mode, ...(allowedFunctionNames.length && { allowedFunctionNames }) },
  },
});

describe("parseRequest", () => {
  it("takes model and streaming from the path", () => {
    expect(read({})).toMatchObject({ model: "asked-for", stream: true });
    expect(read({}, { ...call("generate"), params: { model: "models/a/b:c" } })).toMatchObject({
      model: "a/b:c",
      stream: false,
    });
    expect(() => read({}, { ...call(), params: {} })).toThrow(GatewayError);
  });

  it.each(["gemini-cli.turn2", "qwen.turn2", "opencode.turn2"])(
    "trap 19: pairs calls and results of %s",
    (name) => {
      const { messages } = parseRequest(readJson(`requests/${name}.json`), call());
      const [made] = messages.flatMap((message) =>
        message.role === "assistant" ? message.content.filter((part) => part.type === "tool-call") : [],
      );
      const [answered] = messages.flatMap((message) => (message.role === "tool" ? message.content : []));
      expect(made).toMatchObject({ name: expect.stringMatching(/^write/), signature: { origin: "gemini" } });
      expect(answered?.id).toBe(made?.id);
      expect(answered?.content).toEqual([
        { type: "text", text: expect.stringMatching(/^(Successfully|Wrote)/) },
      ]);
    },
  );

  it("reads every field in both spellings", () => {
    expect(parseRequest(readJson("requests/snake-case.json"), call())).toEqual({
      model: "asked-for",
      stream: true,
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "hi" },
            { type: "media", mimeType: "image/jpeg", source: { kind: "base64", data: "/+8=" } },
          ],
        },
        {
          role: "assistant",
          content: [
            {
              type: "tool-call",
              id: "call_0_find",
              name: "find",
              args: '{"q":"a"}',
              signature: { origin: "gemini", value: "QUFBQQ==" },
            },
          ],
        },
        {
          role: "tool",
          content: [
            {
              type: "tool-result",
              id: "call_0_find",
              name: "find",
              content: [{ type: "text", text: "[1,2]" }],
              native: { origin: "gemini", body: { response: { result: [1, 2] } } },
            },
          ],
        },
      ],
      tools: [
        {
          name: "find",
          description: "Finds",
          parameters: {
            type: "object",
            properties: {
              q: { type: ["string", "null"] },
              n: { type: "integer", format: "int32" },
              kind: { type: "string", enum: ["a", "b"] },
              tags: { type: "array", items: { type: "string" }, minItems: 1 },
            },
            required: ["q"],
          },
        },
      ],
      serverTools: [{ origin: "gemini", name: "google_search", body: { google_search: {} } }],
      toolChoice: { name: "find" },
      sampling: { temperature: 0.2, maxTokens: 500, stop: ["X"] },
      thinking: { mode: "on", budgetTokens: 256, visible: false },
      extra: { gemini: { safety_settings: [] } },
    });
  });

  it("takes the chunks of a stream that an SDK kept one by one for the one turn they were", () => {
    const contents = [
      ...hi,
      model({ text: "h", thought: true }),
      model({ text: "m", thought: true }),
      model({ text: "I " }),
      model({ text: "look." }, { text: "Here." }),
      model({ functionCall: { name: "find", id: "a" } }),
      model({ functionCall: { name: "find", id: "b" } }, { text: "" }),
      user({ functionResponse: { name: "find", id: "a", response: {} } }),
    ];
    const { messages } = read({ contents });
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(messages[1]?.content).toMatchObject([
      { type: "thinking", text: "hm" },
      { type: "text", text: "I look." },
      { type: "text", text: "Here." },
      { type: "tool-call", id: "a" },
      { type: "tool-call", id: "b" },
    ]);
  });

  it("reads numbers that are text, as Google's servers do", () => {
    const generationConfig = {
      maxOutputTokens: "200",
      temperature: "0.5",
      seed: "-7",
      thinkingConfig: { thinkingBudget: "-1" },
    };
    expect(read({ generationConfig })).toMatchObject({
      sampling: { maxTokens: 200, temperature: 0.5, seed: -7 },
      thinking: { mode: "on", visible: false },
    });
    expect(() => read({ generationConfig: { maxOutputTokens: "many" } })).toThrow("maxOutputTokens");
    expect(() => read({ generationConfig: { maxOutputTokens: "0x10" } })).toThrow("maxOutputTokens");
  });

  it("reads contents in all their forms", () => {
    const text = [{ role: "user", content: [{ type: "text", text: "hi" }] }];
    for (const contents of ["hi", ["hi"], { parts: [{ text: "hi" }] }, { text: "hi" }, { parts: "hi" }, hi]) {
      expect(read({ contents }).messages).toEqual(text);
    }
    const system = [{ type: "text", text: "a" }];
    for (const systemInstruction of [
      "a",
      { text: "a" },
      ["a"],
      { parts: { text: "a" } },
      [{ parts: [{ text: "a" }] }],
    ]) {
      expect(read({ systemInstruction }).system).toEqual(system);
    }
    const contents = [{ role: "system", parts: ["b"] }, ...hi, { role: "system", parts: ["c"] }];
    expect(read({ systemInstruction: "a", contents })).toMatchObject({
      system: [{ text: "a" }, { text: "b" }],
      messages: [{ role: "user" }, { role: "system", content: [{ text: "c" }] }],
    });
  });

  it.each([
    [{ output: "x" }, "x", undefined],
    [{ output: { a: 1 } }, '{"a":1}', undefined],
    [{ error: "x" }, "x", true],
    [{ result: "x" }, "x", undefined],
    [{ name: "find", content: "x" }, "x", undefined],
    [{ output: "x", exitCode: 1 }, '{"output":"x","exitCode":1}', undefined],
    [{ output: "x", error: null }, "x", undefined],
    ["x", "x", undefined],
  ])("reads the result %j", (response, text, isError) => {
    const contents = [
      ...hi,
      model({ functionCall: asked }),
      user({ functionResponse: { name: "find", response } }),
    ];
    const result = read({ contents }).messages[2]?.content[0];
    const { native: _native, ...part } = result?.type === "tool-result" ? result : {};
    expect(part).toEqual({
      type: "tool-result",
      id: "call_0_find",
      name: "find",
      content: [{ type: "text", text }],
      ...(isError && { isError }),
    });
  });

  it("gathers the results of a turn, what else was said behind them", () => {
    const image = { inlineData: { mimeType: "image/png", data: "AA==" } };
    const contents = [
      ...hi,
      model({ functionCall: asked }, { functionCall: { ...asked, name: "look" } }),
      user(
        { text: "see" },
        { functionResponse: { name: "look", response: { output: "1" }, parts: [image] } },
        image,
      ),
      user({ functionResponse: { name: "find", response: { output: "2" } } }),
    ];
    expect(read({ contents }).messages.slice(2)).toMatchObject([
      {
        role: "tool",
        content: [
          { id: "call_1_look", content: [{ text: "1" }, { type: "media" }] },
          { id: "call_0_find", content: [{ text: "2" }] },
        ],
      },
      { role: "user", content: [{ text: "see" }, { type: "media" }] },
    ]);
  });

  it("trap 20: opens signatures, whoever signed, and joins a thought that came in pieces", () => {
    const signature = { origin: "claude", value: "Eq/+=" };
    const contents = [
      ...hi,
      model(
        { text: "a", thought: true },
        { text: "b", thought: true },
        { text: "", thought: true, thoughtSignature: sealThought(signature) },
        { text: "", thought: true, thoughtSignature: sealThought(signature, "redacted") },
        { text: "so", thoughtSignature: "QQ==" },
        { functionCall: asked, thoughtSignature: NO_SIGNATURE },
      ),
    ];
    expect(read({ contents }).messages[1]?.content).toEqual([
      { type: "thinking", text: "ab", signature },
      { type: "thinking", text: "", signature, redacted: true },
      { type: "text", text: "so" },
      { type: "thinking", text: "", signature: { origin: "gemini", value: "QQ==" } },
      { type: "tool-call", id: "call_0_find", name: "find", args: '{"q":1}' },
    ]);
  });

  it("shows what no other protocol has as text", () => {
    const parts = [
      { executableCode: { language: "PYTHON", code: "1" } },
      { codeExecutionResult: { output: "2" } },
      { toolCall: { id: "x" } },
      { videoMetadata: { fps: 1 } },
    ];
    expect(read({ contents: [...hi, model(...parts)] }).messages[1]?.content).toMatchObject([
      { text: "```python\n1\n```" },
      { text: "```output\n2\n```" },
      { text: '[toolCall: {"id":"x"}]' },
    ]);
  });

  it("trap 24: reads how tools may be chosen", () => {
    const tools = declared("a", "b", "c");
    const choose = (mode: string, ...allowed: string[]) => {
      const { tools: left, toolChoice } = read({ ...tools, ...calling(mode, ...allowed) });
      return [toolChoice, left?.map(({ name }) => name).join("")];
    };
    expect(choose("AUTO")).toEqual(["auto", "abc"]);
    expect(choose("any")).toEqual(["required", "abc"]);
    expect(choose("NONE")).toEqual(["none", "abc"]);
    expect(choose("MODE_UNSPECIFIED")).toEqual([undefined, "abc"]);
    expect(choose("ANY", "b")).toEqual([{ name: "b" }, "abc"]);
    expect(choose("ANY", "b", "c", "x")).toEqual(["required", "bc"]);
    expect(choose("VALIDATED", "b")).toEqual(["auto", "b"]);
    expect(choose("VALIDATED")).toEqual(["auto", "abc"]);
    expect(() => choose("SOMETIMES")).toThrow(/functionCallingConfig.mode: expected "AUTO"/);
    expect(read(calling("ANY"))).not.toHaveProperty("toolChoice");
    expect(read({ tools: [], ...calling("ANY") })).not.toHaveProperty("tools");
  });

  it("trap 27: keeps tools that Google runs apart, word for word", () => {
    const { tools, serverTools } = read({
      tools: [{ functionDeclarations: [{ name: "a" }], urlContext: {} }],
    });
    expect(tools).toEqual([{ name: "a", parameters: { type: "object", properties: {} } }]);
    expect(serverTools).toEqual([{ origin: "gemini", name: "urlContext", body: { urlContext: {} } }]);
  });

  it.each([
    [{ thinkingBudget: 0 }, { mode: "off" }],
    [{ thinkingBudget: -1 }, { mode: "on", visible: false }],
    [
      { thinkingBudget: 100, includeThoughts: true },
      { mode: "on", budgetTokens: 100, visible: true },
    ],
    [{ thinkingLevel: "HIGH" }, { mode: "on", effort: "high", visible: false }],
    [
      { thinkingLevel: "low", includeThoughts: true },
      { mode: "on", effort: "low", visible: true },
    ],
    [
      { includeThoughts: true, thinkingLevel: "THINKING_LEVEL_UNSPECIFIED" },
      { mode: "on", visible: true },
    ],
    [{ includeThoughts: false }, undefined],
    [{}, undefined],
  ])("reads thinkingConfig %j", (thinkingConfig, thinking) => {
    expect(read({ generationConfig: { thinkingConfig } }).thinking).toEqual(thinking);
  });

  it("reads what form the answer shall have", () => {
    const format = (generationConfig: object) => read({ generationConfig });
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const openApi = { type: "OBJECT", properties: { a: { type: "STRING" } } };
    const responseMimeType = "application/json";
    const output = { type: "json-schema", schema };
    expect(format({ responseMimeType }).output).toEqual({ type: "json" });
    expect(format({ responseMimeType, responseSchema: openApi }).output).toEqual(output);
    expect(format({ responseMimeType, responseJsonSchema: schema }).output).toEqual(output);
    expect(format({ _responseJsonSchema: schema }).output).toEqual(output);
    expect(format({ responseMimeType: "text/plain" })).not.toHaveProperty("output");
    const words = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a"] } };
    expect(format(words).output).toBeUndefined();
    expect(format(words).extra).toEqual({ gemini: { generationConfig: words } });
    expect(format({ responseLogprobs: true, logprobs: 3, candidateCount: 2 })).toMatchObject({
      logprobs: { top: 3 },
      choices: 2,
    });
  });

  it("says what only a Gemini provider can serve", () => {
    expect(read({ cachedContent: "cachedContents/x" }).nativeOnly).toMatch(/^cachedContent: /);
    const file = (fileUri: string) =>
      read({ contents: [user({ fileData: { fileUri, mimeType: "image/png" } })] });
    expect(file("https://generativelanguage.googleapis.com/v1beta/files/x").nativeOnly).toMatch(/fileUri/);
    expect(file("gs://bucket/x").nativeOnly).toMatch(/fileUri/);
    expect(file("https://example.com/x.png").nativeOnly).toBeUndefined();
  });

  it("reads the bodies of countTokens", () => {
    const inner = { model: "models/x", contents: hi, systemInstruction: "a" };
    expect(parseRequest({ generateContentRequest: inner }, call("count"))).toMatchObject({
      model: "asked-for",
      system: [{ text: "a" }],
      stream: false,
    });
    expect(parseRequest({ contents: hi }, call("count")).messages).toHaveLength(1);
  });

  it.each([
    [{ contents: undefined }, "contents: expected array, got null"],
    [
      { contents: [{ role: "robot", parts: [] }] },
      'contents[0].role: expected "user" or "model", got "robot"',
    ],
    [{ contents: [user({ text: 5 })] }, "contents[0].parts[0].text: expected string, got number"],
    [
      { contents: [model({ functionCall: {} })] },
      "contents[0].parts[0].functionCall.name: expected non-empty string",
    ],
    [{ generationConfig: { temperature: "a" } }, "generationConfig.temperature: expected number"],
    [{ tools: [5] }, "tools[0]: expected object, got number"],
    [
      { tools: [{ functionDeclarations: [{}] }] },
      "tools[0].functionDeclarations[0].name: expected non-empty string",
    ],
  ])("names the place of what is wrong in %j", (body, message) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ kind: "invalid-request" }));
    expect(() => read(body)).toThrow(message);
  });
});
