import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldEvents } from "../adapters/fold.ts";
import type { Message, Signature, StreamEvent, UnifiedRequest, UnifiedResult } from "../adapters/unified.ts";
import { ask, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "./support/daemon.ts";
import { finish, partsOf, text, textOf, thought, weather, type Pair } from "./support/scenario.ts";
import {
  startScriptedProvider,
  type ScriptedProvider,
  type SeenRequest,
} from "./support/scripted-provider.ts";

/**
 * A conversation of several turns, in which the client sends back what it got: what a provider signed comes back to it
 * byte for byte, and no other provider ever sees it.
 */
const SEALS = ["c2VhbCBvbmU=", "c2VhbCB0d28="];
const CALL_SEALS = ["Y2FsbCBvbmU=", "Y2FsbCB0d28="];
/** How a signature looks inside another one's field: in words, or in base64 where the field is bytes. */
const SEALED = ["ccproxy.", Buffer.from("ccproxy.").toString("base64").slice(0, 10)];

/** Protocols that sign thoughts, and whose clients bring the signatures back. */
const signing = new Set<string>(["openai-responses", "claude", "gemini"]);

let provider: ScriptedProvider;
let daemon: TestDaemon;
let answer: StreamEvent[] = [];

beforeAll(async () => {
  provider = await startScriptedProvider(() => answer);
  daemon = await startDaemon(perProtocol(provider.url));
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

/** A thought, some words and a call, signed where the provider's protocol signs. */
function toTurn(turn: number, origin: string): StreamEvent[] {
  const sign = (value = ""): Signature => ({ origin, value });
  const isSigned = signing.has(origin);
  const signature = origin === "gemini" ? { signature: sign(CALL_SEALS[turn]) } : {};
  return [
    { type: "start" },
    thought(`Thought ${turn}.`),
    ...(isSigned ? [{ type: "thinking-signature" as const, signature: sign(SEALS[turn]) }] : []),
    text(`Turn ${turn}.`),
    // A client's own ids must tell the turns of all pairs apart: signatures are kept by them.
    { type: "tool-start", index: 0, id: `call_${turn}_${count}`, name: "get_weather", ...signature },
    { type: "tool-delta", index: 0, json: `{"city":"C${turn}"}` },
    finish("tool-calls"),
  ];
}
let count = 0;

async function say(pair: Pair, messages: Message[], stream: boolean): Promise<[UnifiedResult, SeenRequest]> {
  const request: UnifiedRequest = {
    model: "model-a",
    messages,
    tools: [weather],
    thinking: { mode: "on", effort: "high" },
    sampling: { maxTokens: 50_000 },
    stream,
  };
  const asked = await ask(`${daemon.url}/${pair.provider}`, pair.client, request);
  expect(asked.status, asked.text).toBe(200);
  const seen = provider.seen.at(-1);
  if (!seen) throw new Error("the provider was not asked");
  return [foldEvents(asked.events), seen];
}

const toHistory = (result: UnifiedResult): Message[] => [
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

const pairs = PROTOCOLS.flatMap((client) => PROTOCOLS.map((target): Pair => ({ client, provider: target })));

for (const stream of [true, false]) {
  describe(`thoughts and calls over several turns, ${stream ? "streamed" : "whole"}`, () => {
    it.each(pairs)("traps 20 and 21: $client client over a $provider provider", async (pair) => {
      count++;
      const messages: Message[] = [userText("weather?")];
      for (const turn of [0, 1]) {
        answer = toTurn(turn, pair.provider);
        const [result] = await say(pair, messages, stream);
        expect(textOf(result)).toBe(`Turn ${turn}.`);
        expect(result.content.map((part) => part.type)).toEqual(["thinking", "text", "tool-call"]);
        messages.push(...toHistory(result));
      }
      answer = [{ type: "start" }, text("Done."), finish()];
      const [, { request }] = await say(pair, messages, stream);
      if (!request) throw new Error("no chat");
      expect(request.messages.map(({ role }) => role)).toEqual([
        "user",
        "assistant",
        "tool",
        "assistant",
        "tool",
      ]);
      const past = partsOf(request, "assistant");
      const thoughts = past.filter((part) => part.type === "thinking");
      const brings = signing.has(pair.client) && signing.has(pair.provider);
      const origin = pair.provider;
      const seals = brings ? SEALS.map((value) => ({ origin, value })) : [];
      expect(thoughts.flatMap((part) => part.signature ?? [])).toEqual(seals);
      // Gemini wants its calls signed, whoever the client is.
      const signed = origin === "gemini" ? CALL_SEALS.map((value) => ({ origin, value })) : [];
      expect(past.flatMap((part) => (part.type === "tool-call" ? (part.signature ?? []) : []))).toEqual(
        signed,
      );

      for (const other of PROTOCOLS) {
        if (other === pair.provider) continue;
        const [result, { text: body }] = await say({ ...pair, provider: other }, messages, stream);
        expect(textOf(result)).toBe("Done.");
        for (const seal of [...SEALS, ...CALL_SEALS, ...SEALED]) expect(body, other).not.toContain(seal);
      }
    });
  });
}
