import { describe, expect, it } from "vitest";
import { findAdapter } from "../../adapters/index.ts";
import { foldEvents, replay } from "../../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import { readWhole } from "../../server/read-whole.ts";

const request: UnifiedRequest = { model: "m", messages: [], stream: false };

function read(protocol: string, text: string): StreamEvent[] {
  const face = findAdapter(protocol)?.provider;
  if (!face) throw new Error(`no adapter for ${protocol}`);
  return readWhole(text, {
    createParser: () => face.createStreamParser(request),
    parseResponse: (body) => replay(face.parseResponse(body, request)),
  });
}

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

describe("readWhole", () => {
  it.each([
    [
      "openai",
      JSON.stringify({ choices: [{ message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] }),
    ],
    ["openai", `${chunk({ content: "h" })}${chunk({ content: "i" }, "stop")}data: [DONE]\n\n`],
    ["ollama", '{"message":{"content":"h"},"done":false}\n{"message":{"content":"i"},"done":true}\n'],
  ])("reads what %s's providers send: %s", (protocol, text) => {
    expect(foldEvents(read(protocol, text)).content).toEqual([{ type: "text", text: "hi" }]);
  });

  it("gives the error that a stream told", () => {
    const events = read("openai", `data: {"error":{"message":"too busy"}}\n\n`);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { message: "too busy" } });
  });

  it.each([
    ["", "it is empty"],
    ["<html>", 'not JSON but "<html>"'],
    ['{"choices":', 'not JSON but "{\\"choices\\":"'],
  ])("says what %j is", (text, words) => {
    expect(() => read("openai", text)).toThrow(`the provider's answer cannot be read: ${words}`);
  });
});
