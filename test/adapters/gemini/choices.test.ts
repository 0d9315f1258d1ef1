import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { gemini } from "../../../adapters/gemini/index.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { call, context } from "./fixtures.ts";

interface Wire {
  candidates?: { index: number; finishReason?: string; content: { parts: { text: string }[] } }[];
  usageMetadata?: { promptTokenCount: number; totalTokenCount: number };
  error?: object;
}
const choices = gemini.client?.choices;
const answer = (text: string): StreamEvent[] => [
  { type: "start" },
  { type: "text-delta", text },
  { type: "finish", reason: "stop", usage: { inputTokens: 2, outputTokens: 3 } },
];
const stream = (pushes: [StreamEvent[], number][], query: string) => {
  const writer = choices?.createStreamWriter(context({}, call("stream", query)));
  return pushes.map(([events, choice]) => writer?.push(events, choice)).join("") + writer?.end();
};

describe("several answers to one request", () => {
  it("are candidates of one response, with what they used together", () => {
    const results = ["a", "b"].map((text) => foldEvents(answer(text)));
    const written = choices?.writeResponse(results, context()) as Wire;
    expect(written.candidates?.map(({ index, content }) => [index, content.parts[0]?.text])).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
    expect(written.usageMetadata).toMatchObject({ promptTokenCount: 4, totalTokenCount: 10 });
  });

  it("are told in one stream, each chunk with its number", () => {
    const [a, b] = [answer("a"), answer("b")];
    const pushes: [StreamEvent[], number][] = [
      [b.slice(0, 2), 1],
      [a.slice(0, 2), 0],
      [a.slice(2), 0],
      [b.slice(2), 1],
    ];
    const chunks = JSON.parse(stream(pushes, "")) as Wire[];
    expect(chunks.map(({ candidates }) => [candidates?.[0]?.index, candidates?.[0]?.finishReason])).toEqual([
      [1, undefined],
      [0, undefined],
      [0, "STOP"],
      [1, "STOP"],
    ]);
    expect(chunks.at(-1)?.usageMetadata).toMatchObject({ promptTokenCount: 4, totalTokenCount: 10 });
    expect(stream(pushes, "alt=sse").match(/^data: .*\r\n\r$/gm)).toHaveLength(4);
  });

  it("end with the first that fails", () => {
    const error: StreamEvent = { type: "error", error: new GatewayError("overloaded", "later") };
    const chunks = JSON.parse(
      stream(
        [
          [[error], 1],
          [answer("a"), 0],
        ],
        "",
      ),
    ) as Wire[];
    expect(chunks).toMatchObject([{ error: { code: 503 } }]);
  });
});
