import { describe, expect, it } from "vitest";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { loadJson, request } from "./load.ts";

const parse = (name: string) => parseResponse(loadJson(`responses/${name}.json`), request);

describe("parseResponse", () => {
  it("reads text and usage", () => {
    expect(parse("text")).toEqual({
      id: "chatcmpl-1",
      model: "some-model",
      content: [{ type: "text", text: "Hello" }],
      finishReason: "stop",
      usage: { inputTokens: 12, outputTokens: 7, cachedTokens: 8, reasoningTokens: 3 },
    });
  });

  it("trap 31: reads calls; empty arguments become {}", () => {
    expect(parse("tool-calls")).toMatchObject({
      content: [
        { type: "tool-call", id: "call_a", name: "get_weather", args: '{"city":"Paris"}' },
        { type: "tool-call", id: "call_b", name: "now", args: "{}" },
      ],
      finishReason: "tool-calls",
    });
  });

  it("trap 33: a stop with calls means the calls", () => {
    expect(parse("tool-calls-stop")).toMatchObject({
      content: [{ args: '{"city":"Paris"}' }],
      finishReason: "tool-calls",
    });
    expect(parse("function-call")).toMatchObject({
      content: [{ name: "get_weather" }],
      finishReason: "tool-calls",
    });
  });

  it.each(["reasoning", "reasoning-mistral"])("trap 34: %s", (name) => {
    expect(parse(name).content).toEqual([
      { type: "thinking", text: "Let me think." },
      { type: "text", text: "Hello" },
    ]);
  });

  it("reads a refusal and pictures", () => {
    expect(parse("refusal")).toMatchObject({ content: [], refusal: "I cannot help." });
    expect(parse("images").content).toMatchObject([
      { type: "text" },
      { type: "media", mimeType: "image/png" },
    ]);
  });

  it("trap 36: adds the thinking that xAI leaves out", () => {
    expect(parse("xai-usage").usage).toEqual({ inputTokens: 10, outputTokens: 105, reasoningTokens: 100 });
  });

  it("throws the error of a body with status 200", () => {
    expect(() => parse("error-in-200")).toThrow(
      expect.objectContaining({ kind: "overloaded", message: "No capacity" }),
    );
  });

  it.each([undefined, null, "", "<html>", [], {}, { choices: [] }, { choices: null }])(
    "refuses %j",
    (body) => {
      expect(() => parseResponse(body, request)).toThrow(expect.objectContaining({ kind: "upstream" }));
    },
  );
});
