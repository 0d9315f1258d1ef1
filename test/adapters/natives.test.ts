import { describe, expect, it } from "vitest";
import { createBlocks } from "../../adapters/blocks.ts";
import { createFold, foldEvents, replay } from "../../adapters/fold.ts";
import type { StreamEvent } from "../../adapters/unified.ts";

const native = { origin: "here", body: { type: "search" } };
const message = { origin: "here", body: { tier: "best" } };
const events: StreamEvent[] = [
  { type: "text-delta", text: "one" },
  { type: "native", native },
  { type: "text-delta", text: "two" },
  { type: "text-delta", text: "three", apart: "cited" },
  { type: "citation", citation: { url: "https://a.b", start: 3, end: 8 } },
  { type: "text-delta", text: "four", apart: "plain" },
  { type: "tool-start", index: 0, id: "c", name: "f", native },
  { type: "finish", reason: "tool-calls", native: message },
];

describe("what only one protocol understands", () => {
  it("is a block of its own for readers of that protocol, and texts told apart stay apart", () => {
    const blocks = createBlocks({ natives: "here" });
    const told = [...blocks.push(events), ...blocks.end()];
    expect(told.flatMap((event) => (event.type === "block-native" ? [event] : []))).toEqual([
      { type: "block-native", index: 1, native },
    ]);
    const starts = told.flatMap((event) => (event.type === "block-start" ? [event.block] : []));
    expect(starts.map(({ kind, index }) => [kind, index])).toEqual([
      ["text", 0],
      ["text", 2],
      ["text", 3],
      ["text", 4],
      ["tool-call", 5],
    ]);
    expect(starts[2]).toMatchObject({ text: "three", cited: true });
  });

  it.each([undefined, "elsewhere"])(
    "is left out for readers of others (%s), and ends no text for them",
    (natives) => {
      const fold = createFold({ natives });
      fold.push(events);
      const texts = fold.end().content.flatMap((part) => (part.type === "text" ? [part.text] : []));
      expect(texts).toEqual(natives ? ["onetwo", "three", "four"] : ["onetwothreefour"]);
    },
  );

  it("survives fold and replay", () => {
    const result = foldEvents(events);
    expect(result).toMatchObject({
      content: [
        { text: "one" },
        { text: "", native },
        { text: "two" },
        { text: "three", citations: [{ url: "https://a.b" }] },
        { text: "four" },
        { type: "tool-call", native },
      ],
      native: message,
    });
    expect(foldEvents(replay(result))).toEqual(result);
  });
});
