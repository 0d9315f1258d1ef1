import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldEvents } from "../adapters/fold.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import type { Message, UnifiedRequest, UnifiedResult } from "../adapters/unified.ts";
import { ask, userText } from "./support/ask.ts";
import { PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import { callsOf, textOf, weather } from "./support/scenario.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/**
 * OpenRouter's `reasoning_details` over several turns: what the model signed or hid comes back to it as it was, whoever
 * the client is, and no other provider sees it.
 */
let provider: ScriptedProvider;
let daemon: TestDaemon;
let deltas: Json[] = [];
let whole: Json = {};

beforeAll(async () => {
  provider = await startScriptedProvider((request, { res }) => {
    const type = request.stream ? "text/event-stream" : "application/json";
    const frames = [...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })), "[DONE]"];
    const lines = frames.map(
      (frame) => `data: ${typeof frame === "string" ? frame : JSON.stringify(frame)}\n\n`,
    );
    const body = JSON.stringify({ choices: [{ index: 0, message: whole, finish_reason: "tool_calls" }] });
    res.writeHead(200, { "content-type": type }).end(request.stream ? lines.join("") : body);
    return undefined;
  });
  daemon = await startDaemon({
    providers: {
      openrouter: { protocol: "openai", baseUrl: provider.url, keys: ["sk-test"] },
      other: { protocol: "openai", baseUrl: provider.url, keys: ["sk-test"] },
    },
    groups: {
      openrouter: { models: { "*": "openrouter/*" } },
      other: { models: { "*": "other/*" } },
    },
  });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

/** The conversation as the provider was last asked with it. */
const messagesSeen = (): Json[] => (provider.seen.at(-1)?.body.messages ?? []) as Json[];

let count = 0;

/** The same turn as a stream tells it and as a whole answer does. */
interface Turn {
  name: string;
  model: string;
  pieces: Json[];
  details: Json[];
}
const claude = { format: "anthropic-claude-v1", index: 0 };
const gemini = { format: "google-gemini-v1", index: 0 };
const TURNS: Turn[] = [
  {
    name: "Claude's signed and hidden thoughts",
    model: "anthropic/claude-sonnet-5",
    pieces: [
      { type: "reasoning.text", text: "Let me", ...claude },
      { type: "reasoning.text", text: " see.", ...claude },
      { type: "reasoning.text", signature: "c2lnbmVk", ...claude },
      { type: "reasoning.encrypted", data: "aGlkZGVu", ...claude, index: 1 },
    ],
    details: [
      { type: "reasoning.text", text: "Let me see.", signature: "c2lnbmVk", ...claude },
      { type: "reasoning.encrypted", data: "aGlkZGVu", ...claude, index: 1 },
    ],
  },
  {
    name: "Gemini's signature of a call",
    model: "google/gemini-3-pro",
    pieces: [
      { type: "reasoning.text", text: "Let me see.", ...gemini },
      { type: "reasoning.encrypted", data: "aGlkZGVu", id: "CALL", ...gemini },
    ],
    details: [
      { type: "reasoning.text", text: "Let me see.", ...gemini },
      { type: "reasoning.encrypted", data: "aGlkZGVu", id: "CALL", ...gemini },
    ],
  },
];

function prepare({ pieces, details }: Turn): Json[] {
  const id = `tool_0_weather_${++count}`;
  const named = (list: Json[]): Json[] =>
    list.map((detail) => (detail.id === "CALL" ? { ...detail, id } : detail));
  const call = {
    index: 0,
    id,
    type: "function",
    function: { name: "get_weather", arguments: '{"city":"Paris"}' },
  };
  deltas = [
    ...named(pieces).map((piece) => ({
      content: "",
      reasoning: piece.text ?? null,
      reasoning_details: [piece],
    })),
    { content: "I look." },
    { tool_calls: [call] },
  ];
  const expected = named(details);
  whole = {
    role: "assistant",
    content: "I look.",
    reasoning: "Let me see.",
    reasoning_details: expected,
    tool_calls: [call],
  };
  return expected;
}

async function say(
  client: ProtocolName,
  fields: Partial<UnifiedRequest>,
  group: string,
): Promise<UnifiedResult> {
  const request: UnifiedRequest = {
    model: "",
    messages: [],
    tools: [weather],
    thinking: { mode: "on", effort: "high" },
    sampling: { maxTokens: 50_000 },
    stream: true,
    ...fields,
  };
  const handWritten = client === "openai";
  const asked = await ask(`${daemon.url}/${group}`, client, request, undefined, { handWritten });
  expect(asked.status, asked.text).toBe(200);
  return foldEvents(asked.events);
}

const toHistory = (result: UnifiedResult): Message[] => [
  userText("weather?"),
  { role: "assistant", content: result.content },
  {
    role: "tool",
    content: result.content.flatMap((part) =>
      part.type === "tool-call"
        ? [
            {
              type: "tool-result" as const,
              id: part.id,
              name: part.name,
              content: [{ type: "text" as const, text: "21" }],
            },
          ]
        : [],
    ),
  },
];

/** A client that speaks to OpenRouter by itself brings them back by itself: nothing of it is read or written anew. */
const CLIENTS = PROTOCOLS.filter((client) => client !== "openai");

describe.each(TURNS)("traps 20, 21 and 22: $name", (turn) => {
  for (const stream of [true, false]) {
    it.each(CLIENTS)(`%s client, ${stream ? "streamed" : "whole"}`, async (client) => {
      const details = prepare(turn);
      const { model } = turn;
      const result = await say(client, { model, stream, messages: [userText("weather?")] }, "openrouter");
      expect(textOf(result).trim()).toBe("I look.");
      expect(callsOf(result)).toEqual([{ name: "get_weather", args: { city: "Paris" } }]);
      const thoughts = result.content.flatMap((part) => (part.type === "thinking" ? [part.text] : []));
      expect(thoughts.join("")).toBe("Let me see.");

      const messages = toHistory(result);
      await say(client, { model, stream, messages }, "openrouter");
      const [, past] = messagesSeen();
      expect(past?.reasoning_details).toEqual(details);
      expect(past).not.toHaveProperty("reasoning");

      for (const [group, other] of [
        ["openrouter", "x-ai/grok-4.5"],
        ["other", "model-a"],
      ] as const) {
        await say(client, { model: other, stream, messages }, group);
        expect(provider.seen.at(-1)?.text, group).not.toMatch(/c2lnbmVk|aGlkZGVu|ccproxy\./);
      }
    });
  }

  it("openai client: what came goes on as it is, and so does what it brings back", async () => {
    const details = prepare(turn);
    const send = async (messages: Json[]): Promise<Json> => {
      const response = await fetch(`${daemon.url}/openrouter/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: turn.model, messages }),
      });
      const { choices } = (await response.json()) as { choices: { message: Json }[] };
      return choices[0]?.message ?? {};
    };
    const message = await send([{ role: "user", content: "weather?" }]);
    expect(message.reasoning_details).toEqual(details);
    const calls = message.tool_calls as Json[];
    await send([message, { role: "tool", tool_call_id: calls[0]?.id, content: "21" }]);
    const [past] = messagesSeen();
    expect(isObject(past) && past.reasoning_details).toEqual(details);
  });
});

it("trap 20: a Gemini 3 gets the word that skips its check where the call is another model's", async () => {
  const messages: Message[] = [
    userText("weather?"),
    { role: "assistant", content: [{ type: "tool-call", id: "toolu_abc", name: "get_weather", args: "{}" }] },
    { role: "tool", content: [{ type: "tool-result", id: "toolu_abc", name: "get_weather", content: [] }] },
  ];
  for (const client of CLIENTS) {
    await say(client, { model: "google/gemini-3-pro", messages }, "openrouter");
    const [, past = {}] = messagesSeen();
    expect(past.reasoning_details).toEqual([
      {
        type: "reasoning.encrypted",
        data: "skip_thought_signature_validator",
        format: "google-gemini-v1",
        index: 0,
        id: (past.tool_calls as Json[])[0]?.id,
      },
    ]);
  }
});
