import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { parseRequest } from "../../../adapters/ollama/parse-request.ts";
import { writeError } from "../../../adapters/ollama/write-error.ts";
import { readJson, toCall } from "./fixtures.ts";

const chat = (body: unknown) => parseRequest(body, toCall("chat"));
const generate = (body: unknown) => parseRequest(body, toCall("generate"));
const hi = [{ role: "user", content: "hi" }];

/** Status and text with which a body is refused. */
function refusal(body: unknown, variant = "chat"): [number, string] {
  try {
    parseRequest(body, toCall(variant));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { status, body: text } = writeError(error, toCall(variant));
    return [status, (JSON.parse(text) as { error: string }).error];
  }
  throw new Error("the body was taken");
}

describe("parseRequest of /api/chat", () => {
  it("streams unless told otherwise", () => {
    expect(chat(readJson("requests/chat.json"))).toEqual({
      model: "qwen3",
      stream: true,
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      extra: { ollama: {} },
    });
    expect(chat({ model: "m", messages: hi, stream: null }).stream).toBe(true);
    expect(chat({ model: "m", messages: hi, stream: false }).stream).toBe(false);
  });

  it("reads options, takes null for unset, and keeps what no other protocol has", () => {
    expect(chat(readJson("requests/chat-options.json"))).toEqual({
      model: "qwen3:8b",
      stream: false,
      system: [{ type: "text", text: "Be brief." }],
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      sampling: {
        temperature: 0.1,
        maxTokens: 50,
        seed: 1,
        topK: 5,
        topP: 0.9,
        minP: 0.05,
        repeatPenalty: 1.1,
        stop: ["zzz"],
      },
      thinking: { mode: "on", effort: "high" },
      extra: { ollama: { keep_alive: "5m", options: { num_ctx: 4096, mirostat: 0 } } },
    });
  });

  it("gives ids to calls and names to results, and puts results of one turn together", () => {
    const { messages, tools } = chat(readJson("requests/chat-tools.json"));
    const ids = messages.flatMap((message) =>
      message.content.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])),
    );
    expect(new Set(ids).size).toBe(2);
    expect(messages.map((message) => message.role)).toEqual(["user", "assistant", "tool"]);
    expect(messages[1]?.content[0]).toEqual({ type: "thinking", text: "The weather, then." });
    expect(messages[1]?.content[1]).toMatchObject({ name: "get_weather", args: '{"city":"Paris"}' });
    expect(messages[2]?.content).toEqual([
      {
        type: "tool-result",
        id: ids[0],
        name: "get_weather",
        content: [{ type: "text", text: "21 degrees" }],
      },
      {
        type: "tool-result",
        id: ids[1],
        name: "get_weather",
        content: [{ type: "text", text: "25 degrees" }],
      },
    ]);
    expect(tools).toMatchObject([{ name: "get_weather", parameters: { required: ["city"] } }]);
  });

  it("tells an image's type by its first bytes", () => {
    const { messages } = chat(readJson("requests/chat-image.json"));
    expect(messages[0]?.content).toMatchObject([{ text: "what" }, { type: "media", mimeType: "image/png" }]);
    const typeOf = (bytes: string) => {
      const images = [Buffer.from(bytes, "latin1").toString("base64")];
      const { messages } = chat({ model: "m", messages: [{ role: "user", content: "", images }] });
      return messages[0]?.content[0];
    };
    expect(typeOf("GIF89a......")).toMatchObject({ mimeType: "image/gif" });
    expect(typeOf("RIFF....WEBPVP8 ")).toMatchObject({ mimeType: "image/webp" });
    expect(typeOf("RIFF....WAVEfmt ")).toMatchObject({ mimeType: "audio/wav" });
    expect(typeOf("who knows")).toMatchObject({ mimeType: "image/jpeg" });
  });

  it("matches keys in any case, as Go does", () => {
    const body = {
      MODEL: "m",
      Messages: [{ Role: "USER", Content: "hi", ToolName: 1 }],
      Stream: false,
      Options: { temperature: 1, Temperature: "ignored" },
    };
    expect(chat(body)).toMatchObject({
      model: "m",
      stream: false,
      sampling: { temperature: 1 },
      messages: [{ role: "user", content: [{ text: "hi" }] }],
    });
  });

  it("keeps system texts in their place after the conversation began", () => {
    const messages = [
      { role: "system", content: "one" },
      { role: "developer", content: "two" },
      ...hi,
      { role: "system", content: "three" },
    ];
    expect(chat({ model: "m", messages })).toMatchObject({
      system: [{ text: "one" }, { text: "two" }],
      messages: [{ role: "user" }, { role: "system", content: [{ text: "three" }] }],
    });
  });

  it("reads format and think", () => {
    const read = (more: object) => chat({ model: "m", messages: hi, ...more });
    expect(read({ format: "json" }).output).toEqual({ type: "json" });
    expect(chat(readJson("requests/chat-schema.json")).output).toMatchObject({ type: "json-schema" });
    expect(read({ format: "" }).output).toBeUndefined();
    expect(read({ think: false }).thinking).toEqual({ mode: "off" });
    expect(read({ think: true }).thinking).toEqual({ mode: "on" });
    expect(read({ think: "max" }).thinking).toEqual({ mode: "on", effort: "max" });
    expect(read({ think: null }).thinking).toBeUndefined();
    expect(read({ logprobs: true, top_logprobs: 3 }).logprobs).toEqual({ top: 3 });
  });

  it("leaves values that mean `no limit` or `any` to Ollama alone", () => {
    const options = { num_predict: -1, seed: -1, top_k: 0, stop: [], num_ctx: null, temperature: 0 };
    const { sampling, extra } = chat({ model: "m", messages: hi, options });
    expect(sampling).toEqual({ temperature: 0 });
    expect(extra?.ollama?.options).toEqual({ num_predict: -1, seed: -1, top_k: 0 });
  });

  it("marks an empty conversation as load or unload", () => {
    expect(chat(readJson("requests/chat-unload.json")).extra?.ollama?.load).toBe("unload");
    expect(chat({ model: "m" }).extra?.ollama?.load).toBe("load");
    expect(chat({ model: "m", messages: null, keep_alive: "0" }).extra?.ollama?.load).toBe("unload");
    expect(chat({ model: "m", messages: hi, load: "load" }).extra?.ollama?.load).toBeUndefined();
  });

  it("is not led astray by __proto__", () => {
    const body = JSON.parse(
      '{"model":"m","messages":[],"__proto__":{"polluted":1},"options":{"__proto__":{"x":1}}}',
    );
    expect(JSON.stringify(chat(body))).not.toContain("polluted");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("refusals of /api/chat, word for word", () => {
  const cases: [what: string, body: unknown, status: number, text: string][] = [
    ["no body", undefined, 400, "missing request body"],
    ["no model", { messages: hi }, 400, "model is required"],
    ["a null body", null, 400, "model is required"],
    ["a list", [], 400, "json: cannot unmarshal array into Go value of type api.ChatRequest"],
    [
      "a model that is a number",
      { model: 7 },
      400,
      "json: cannot unmarshal number into Go struct field ChatRequest.model of type string",
    ],
    [
      "trap 3: content as a list of parts",
      { model: "m", messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] },
      400,
      "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string",
    ],
    [
      "trap 28: arguments as text",
      {
        model: "m",
        messages: [{ role: "assistant", tool_calls: [{ function: { name: "f", arguments: "{}" } }] }],
      },
      400,
      "json: cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments",
    ],
    [
      "trap 10: an image as data URL",
      { model: "m", messages: [{ role: "user", images: ["data:image/png;base64,AAAA"] }] },
      400,
      "illegal base64 data at input byte 4",
    ],
    [
      "an image without padding",
      { model: "m", messages: [{ images: ["QUJDRA"] }] },
      400,
      "illegal base64 data at input byte 4",
    ],
    [
      "a word for think",
      { model: "m", messages: hi, think: "High" },
      400,
      'invalid think value: "High" (must be "high", "medium", "low", "max", true, or false)',
    ],
    [
      "a number for think",
      { model: "m", messages: hi, think: 1 },
      400,
      'think must be a boolean or string ("high", "medium", "low", "max", true, or false)',
    ],
    ["keep_alive without unit", { model: "m", keep_alive: "-1" }, 400, 'time: missing unit in duration "-1"'],
    ["keep_alive in days", { model: "m", keep_alive: "1d" }, 400, 'time: unknown unit "d" in duration "1d"'],
    ["keep_alive as boolean", { model: "m", keep_alive: true }, 400, "Unsupported type: 'bool'"],
    ["keep_alive as list", { model: "m", keep_alive: [] }, 400, "Unsupported type: '[]interface {}'"],
    [
      "a format that is none",
      { model: "m", messages: hi, format: "yaml" },
      400,
      'invalid format: "\\"yaml\\""; expected "json" or a valid JSON Schema object',
    ],
    [
      "a stop text",
      { model: "m", messages: hi, options: { stop: "x" } },
      400,
      'option "stop" must be of type array',
    ],
    [
      "a temperature in quotes",
      { model: "m", messages: hi, options: { temperature: "1" } },
      400,
      'option "temperature" must be of type float32',
    ],
    [
      "num_ctx in quotes",
      { model: "m", messages: hi, options: { num_ctx: "1" } },
      400,
      'option "num_ctx" must be of type integer',
    ],
    ["too many logprobs", { model: "m", top_logprobs: 21 }, 400, "top_logprobs must be between 0 and 20"],
    [
      "stream in quotes",
      { model: "m", stream: "true" },
      400,
      "json: cannot unmarshal string into Go struct field ChatRequest.stream of type bool",
    ],
  ];
  it.each(cases)("%s", (_what, body, status, text) => {
    expect(refusal(body)).toEqual([status, text]);
  });
});

describe("parseRequest of /api/generate", () => {
  it("makes a conversation of prompt and system", () => {
    expect(generate(readJson("requests/generate.json"))).toEqual({
      model: "qwen3",
      stream: true,
      system: [{ type: "text", text: "s" }],
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      extra: { ollama: {} },
    });
  });

  it("puts fill-in-the-middle into words and keeps it as it came", () => {
    const { messages, extra } = generate(readJson("requests/generate-suffix.json"));
    const prompt = "def add(a, b):\n";
    expect(extra?.ollama?.generate).toEqual({ prompt, suffix: "\n\nprint(add(1, 2))" });
    expect(JSON.stringify(messages)).toContain("<SUFFIX>");
  });

  it("loads and unloads with an empty prompt", () => {
    const load = generate(readJson("requests/generate-load.json"));
    expect(load.extra?.ollama).toEqual({ keep_alive: 60, load: "load" });
    expect(generate({ model: "m", prompt: "", keep_alive: 0 }).extra?.ollama?.load).toBe("unload");
    expect(generate({ model: "m", prompt: "", keep_alive: "0s" }).extra?.ollama?.load).toBe("unload");
  });

  it("keeps raw, template and tokens of a real Ollama", () => {
    expect(generate({ model: "m", prompt: "x", raw: true }).extra?.ollama?.generate).toEqual({
      prompt: "x",
      raw: true,
    });
    expect(
      generate({ model: "m", prompt: "x", context: [5, 6], template: "t" }).extra?.ollama?.generate,
    ).toEqual({
      prompt: "x",
      template: "t",
      context: [5, 6],
    });
  });

  it.each([
    ["no model", { prompt: "x" }, 404, "model '' not found"],
    [
      "raw with system",
      { model: "m", prompt: "x", raw: true, system: "s" },
      400,
      "raw mode does not support template, system, or context",
    ],
    [
      "a prompt that is a number",
      { model: "m", prompt: 1 },
      400,
      "json: cannot unmarshal number into Go struct field GenerateRequest.prompt of type string",
    ],
    [
      "a context of words",
      { model: "m", prompt: "x", context: ["a"] },
      400,
      "json: cannot unmarshal string into Go struct field GenerateRequest.context of type int",
    ],
  ])("refuses %s", (_what, body, status, text) => {
    expect(refusal(body, "generate")).toEqual([status, text]);
  });
});
