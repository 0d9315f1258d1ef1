import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { request } from "./load.ts";
import type { AssistantPart, UnifiedResult } from "../../../adapters/unified.ts";

/** Thoughts in details: what goes back is what came, piece by piece or whole. */
const options = { provider: { id: "x", baseUrl: "https://openrouter.ai/api/v1" } };

interface Case {
  name: string;
  model: string;
  /** The details of one delta each; a string is text of the answer, an object a call. */
  deltas: (Record<string, unknown>[] | string | { call: string })[];
  /** As they stand in a whole answer, and go back. */
  details: Record<string, unknown>[];
}

const claude = { format: "anthropic-claude-v1", index: 0 };
const CASES: Case[] = [
  {
    name: "a signed thought, its signature in a piece without text",
    model: "anthropic/claude-sonnet-5",
    deltas: [
      [{ type: "reasoning.text", text: "Let", ...claude }],
      [{ type: "reasoning.text", text: " me see.", signature: null, ...claude }],
      [{ type: "reasoning.text", signature: "Et8BCmUI", ...claude }],
      "Looking.",
      { call: "toolu_1" },
    ],
    details: [{ type: "reasoning.text", text: "Let me see.", signature: "Et8BCmUI", ...claude }],
  },
  {
    name: "a signature that comes behind the text",
    model: "anthropic/claude-sonnet-5",
    deltas: [
      [{ type: "reasoning.text", text: "Let me see.", ...claude }],
      "Looking.",
      [{ type: "reasoning.text", signature: "Et8BCmUI", ...claude }],
      { call: "toolu_1" },
    ],
    details: [{ type: "reasoning.text", text: "Let me see.", signature: "Et8BCmUI", ...claude }],
  },
  {
    name: "two signed thoughts and a hidden one",
    model: "anthropic/claude-sonnet-5",
    deltas: [
      [{ type: "reasoning.text", text: "One.", signature: "s1", ...claude }],
      [{ type: "reasoning.encrypted", data: "aGlkZGVu", ...claude, index: 1 }],
      [{ type: "reasoning.text", text: "Two.", signature: "s2", ...claude, index: 2 }],
      { call: "toolu_1" },
    ],
    details: [
      { type: "reasoning.text", text: "One.", signature: "s1", ...claude },
      { type: "reasoning.encrypted", data: "aGlkZGVu", ...claude, index: 1 },
      { type: "reasoning.text", text: "Two.", signature: "s2", ...claude, index: 2 },
    ],
  },
  {
    name: "Gemini's, bound to its call",
    model: "google/gemini-3-pro",
    deltas: [
      [{ type: "reasoning.text", text: "Hm.", format: "google-gemini-v1", index: 0 }],
      [{ type: "reasoning.encrypted", data: "c2ln", id: "tool_0_now", format: "google-gemini-v1", index: 0 }],
      { call: "tool_0_now" },
    ],
    details: [
      { type: "reasoning.text", text: "Hm.", format: "google-gemini-v1", index: 0 },
      { type: "reasoning.encrypted", data: "c2ln", id: "tool_0_now", format: "google-gemini-v1", index: 0 },
    ],
  },
  {
    name: "OpenAI's summary and sealed item",
    model: "openai/gpt-6-sol",
    deltas: [
      [{ type: "reasoning.summary", summary: "**Look", format: "openai-responses-v1", index: 0 }],
      [{ type: "reasoning.summary", summary: "ing**", format: "openai-responses-v1", index: 0 }],
      [{ type: "reasoning.encrypted", data: "gAAAA", id: "rs_1", format: "openai-responses-v1", index: 0 }],
      { call: "call_1" },
    ],
    details: [
      { type: "reasoning.summary", summary: "**Looking**", format: "openai-responses-v1", index: 0 },
      { type: "reasoning.encrypted", data: "gAAAA", id: "rs_1", format: "openai-responses-v1", index: 0 },
    ],
  },
  {
    name: "a kind that is not known yet",
    model: "mystery/model",
    deltas: [[{ type: "reasoning.server_tool_call", deep: { a: [1] }, index: 0 }], "Hi"],
    details: [{ type: "reasoning.server_tool_call", deep: { a: [1] }, index: 0 }],
  },
];

const textOf = (details: Record<string, unknown>[]): string =>
  details.map(({ text, summary }) => (text ?? summary ?? "") as string).join("");

function stream({ model, deltas }: Case): UnifiedResult {
  const chunks = deltas.map((delta) => {
    if (typeof delta === "string") return { content: delta };
    if (!Array.isArray(delta)) return { tool_calls: [toWireCall(delta.call)] };
    return { content: "", reasoning: textOf(delta) || null, reasoning_details: delta };
  });
  const parser = createStreamParser({ ...request, model }, options);
  const texts = chunks.map((delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`);
  return foldEvents([...texts.flatMap((text) => parser.push(text)), ...parser.push("data: [DONE]\n\n")]);
}

function whole({ model, deltas, details }: Case): UnifiedResult {
  const content = deltas.filter((delta) => typeof delta === "string").join("");
  const calls = deltas.flatMap((delta) =>
    typeof delta === "object" && "call" in delta ? [toWireCall(delta.call)] : [],
  );
  const message = { content, reasoning: textOf(details), reasoning_details: details, tool_calls: calls };
  return parseResponse(
    { choices: [{ index: 0, message, finish_reason: "stop" }] },
    { ...request, model },
    options,
  );
}

const toWireCall = (id: string) => ({
  index: 0,
  id,
  type: "function",
  function: { name: "now", arguments: "{}" },
});

/** The assistant's message as it goes back. */
function back(model: string, content: AssistantPart[], fields: object = {}): Record<string, unknown> {
  const asked = { ...request, model, messages: [{ role: "assistant" as const, content }], ...fields };
  const { body = {} } = buildRequest(asked, options);
  return (body.messages as Record<string, unknown>[])[0] ?? {};
}

describe.each(CASES)("traps 20 and 21: $name", (one) => {
  it.each([
    ["streamed", stream],
    ["whole", whole],
  ] as const)("%s: goes back as it came", (_, read) => {
    const { content } = read(one);
    const message = back(one.model, content);
    expect(message.reasoning_details).toEqual(one.details);
    expect(message).not.toHaveProperty("reasoning");
    expect(JSON.stringify(message)).not.toContain("extra_content");
    const thoughts = content.flatMap((part) => (part.type === "thinking" ? [part.text] : []));
    expect(thoughts.join("")).toBe(textOf(one.details));
  });

  it("goes back with its call where the client keeps no thoughts", () => {
    const { content } = whole(one);
    const calls = content.filter((part) => part.type === "tool-call");
    if (calls.length === 0) return;
    expect(back(one.model, calls).reasoning_details).toEqual(one.details);
  });

  it("goes back although the model is told not to think", () => {
    const { content } = stream(one);
    const message = back(one.model, content, { thinking: { mode: "off" } });
    expect(message.reasoning_details).toEqual(one.details);
  });

  it("never goes to a provider of another kind", () => {
    const { content } = stream(one);
    const asked = { ...request, model: "m", messages: [{ role: "assistant" as const, content }] };
    const { body } = buildRequest(asked, { provider: { id: "x", baseUrl: "https://gateway.example/v1" } });
    expect(JSON.stringify(body)).not.toMatch(/reasoning|extra_content|Et8B|gAAAA|c2ln/);
  });
});

describe("details", () => {
  const [signed] = CASES as [Case];

  it("of another maker stay behind, and so does the text they sealed", () => {
    const { content } = stream(signed);
    const message = back("google/gemini-2.5-pro", content);
    expect(message).toEqual({ role: "assistant", content: "Looking.", tool_calls: [expect.anything()] });
  });

  it("that a call's id was shortened for are bound to the shortened one", () => {
    const long = `tool_0_${"very_long_name_".repeat(4)}`;
    const details = [
      { type: "reasoning.encrypted", data: "c2ln", id: long, format: "google-gemini-v1", index: 0 },
    ];
    const { content } = whole({ name: "", model: "google/gemini-3-pro", deltas: [{ call: long }], details });
    const message = back("google/gemini-3-pro", content);
    const [call] = message.tool_calls as { id: string }[];
    expect(call?.id.length).toBeLessThanOrEqual(40);
    expect(message.reasoning_details).toEqual([{ ...details[0], id: call?.id }]);
  });

  it("are not made of what was signed by others, or is no detail", () => {
    const seal = (value: string, origin = "openai"): AssistantPart => ({
      type: "thinking",
      text: "hm",
      signature: { origin, value },
    });
    for (const part of [seal("{"), seal("[]"), seal("{}"), seal('{"type":"reasoning.text"}', "claude")]) {
      expect(back("deepseek/deepseek-v4", [part, { type: "text", text: "a" }])).toEqual({
        role: "assistant",
        content: "a",
        reasoning: "hm",
      });
    }
  });

  it("that hold all text so far are told once (MiniMax)", () => {
    const minimax = { provider: { id: "x", baseUrl: "https://api.minimax.io/v1" } };
    const head = { type: "reasoning.text", id: "reasoning-text-1", format: "MiniMax-response-v1", index: 0 };
    const texts = ["The user", "The user greets."].map(
      (text) =>
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { reasoning_details: [{ ...head, text }] } }] })}\n\n`,
    );
    const call = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [toWireCall("c1")] } }] })}\n\n`;
    const parser = createStreamParser({ ...request, model: "MiniMax-M2" }, minimax);
    const { content } = foldEvents([
      ...[...texts, call].flatMap((text) => parser.push(text)),
      ...parser.push("data: [DONE]\n\n"),
    ]);
    for (const kept of [content, content.filter((part) => part.type === "tool-call")]) {
      const asked = { ...request, model: "m", messages: [{ role: "assistant" as const, content: kept }] };
      expect(buildRequest(asked, minimax).body?.messages).toMatchObject([
        { reasoning_details: [{ ...head, text: "The user greets." }] },
        { role: "tool" },
      ]);
    }
  });

  it("of a provider that is not known for them are plain thoughts", () => {
    const gateway = { provider: { id: "x", baseUrl: "https://gateway.example/v1" } };
    const message = { content: "Hi", reasoning_details: signed.details };
    const { content } = parseResponse({ choices: [{ index: 0, message }] }, request, gateway);
    expect(content[0]).toEqual({ type: "thinking", text: "Let me see." });
  });
});
