import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { loadJson, loadStream, request } from "./load.ts";
import type { BuildOptions } from "../../../adapters/adapter.ts";
import type { StreamEvent, UnifiedResult } from "../../../adapters/unified.ts";

const at = (id: string, baseUrl = "http://10.0.0.7:8000/v1"): BuildOptions => ({ provider: { id, baseUrl } });
const minimax = at("x", "https://api.minimax.io/v1");
const unknown = at("x");

function parse(pieces: string[], options: BuildOptions): StreamEvent[] {
  const parser = createStreamParser(request, options);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}
const fold = (name: string, options: BuildOptions) => foldEvents(parse([loadStream(name)], options));
const thinking = (text: string) => ({ type: "thinking", text });
/** A thought with the detail it came in, which goes back with it. */
const sealed = (value: string, detail: object, type = "reasoning.text") => ({
  ...thinking(value),
  signature: { origin: "openai", value: JSON.stringify({ type, ...detail }) },
});
const text = (value: string) => ({ type: "text", text: value });

const STREAMS: [stream: string, provider: string, options: BuildOptions, content: unknown[]][] = [
  ...["vllm", "llama.cpp", "lmstudio", "groq", "cerebras", "nvidia", "together", "minimax"].map(
    (id): [string, string, BuildOptions, unknown[]] => [
      "think-tags",
      id,
      at(id),
      [thinking("Let me see."), text("It is <think> that opens.")],
    ],
  ),
  ["think-tags", "unknown", unknown, [text("\n<think>\nLet me see.\n</think>\n\nIt is <think> that opens.")]],
  [
    "think-tags",
    "configured",
    { ...unknown, quirks: { thinkTags: true } },
    [thinking("Let me see."), text("It is <think> that opens.")],
  ],
  ["think-tags-unopened", "vllm", at("vllm"), [text("Let me see.\n</think>\n\nHi")]],
  [
    "think-tags-call",
    "vllm",
    at("vllm"),
    [
      thinking("I need the weather."),
      { type: "tool-call", id: "call_a", name: "get_weather", args: '{"city":"Paris"}' },
    ],
  ],
  [
    "reasoning-minimax",
    "minimax",
    minimax,
    [
      sealed("The user greets.", { id: "reasoning-text-1", format: "MiniMax-response-v1", index: 0 }),
      text("Hellolo"),
    ],
  ],
  [
    "reasoning-minimax",
    "unknown",
    unknown,
    [thinking("The userThe user greets."), text("<think>The user greets.</think>\n\nHellolo")],
  ],
  ["reasoning-deepseek", "deepseek", at("deepseek"), fold("reasoning-deepseek", unknown).content],
  ["reasoning-openrouter", "unknown", unknown, [thinking("Think more"), text("Hello")]],
  [
    "reasoning-openrouter",
    "openrouter",
    at("openrouter"),
    [
      sealed("Think", { format: "unknown", index: 0 }),
      sealed(" more", { index: 0 }, "reasoning.summary"),
      text("Hello"),
    ],
  ],
  ["reasoning-mistral", "mistral", at("mistral"), fold("reasoning-mistral", unknown).content],
];

describe("answer → events", () => {
  it.each(STREAMS)("trap 34: %s from %s", (name, _, options, content) => {
    expect(fold(name, options).content).toEqual(content);
  });

  it.each(STREAMS)("%s from %s: the same however it is cut", (name, _, options) => {
    for (const wire of [loadStream(name), loadStream(name).replaceAll("\n", "\r\n")]) {
      const whole = parse([wire], options);
      expect(parse([...wire], options)).toEqual(whole);
      for (let cut = 1; cut < wire.length; cut += 3) {
        expect(parse([wire.slice(0, cut), wire.slice(cut)], options)).toEqual(whole);
      }
    }
  });

  it("a full answer is read with the same quirks", () => {
    const body = loadJson("responses/think-tags.json");
    const content = (options?: BuildOptions): UnifiedResult["content"] =>
      parseResponse(body, request, options).content;
    expect(content(at("vllm"))).toEqual([thinking("Let me see."), text("Hi")]);
    expect(content()).toEqual([text("<think>\nLet me see.\n</think>\n\nHi")]);
  });

  it("leaves the text alone for who reads it himself", () => {
    const [part] = fold("think-tags", { ...at("vllm"), rawText: true }).content;
    expect(part).toMatchObject({ type: "text", text: expect.stringContaining("</think>") });
  });

  it("gives what was held back before a call, and at the end", () => {
    const chunk = (delta: unknown, finish: string | null = null): string =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const call = { index: 0, id: "c", function: { name: "now", arguments: "{}" } };
    const called = chunk({ content: "<thi" }) + chunk({ tool_calls: [call] }) + chunk({}, "stop");
    expect(foldEvents(parse([called], at("vllm"))).content).toMatchObject([text("<thi"), { name: "now" }]);
    const ended = chunk({ content: "<thi" }) + chunk({}, "stop");
    expect(foldEvents(parse([ended], at("vllm"))).content).toEqual([text("<thi")]);
  });
});
