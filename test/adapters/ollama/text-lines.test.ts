import fc from "fast-check";
import { expect, it } from "vitest";
import type { WriteContext } from "../../../adapters/adapter.ts";
import { writeGoNdjson } from "../../../adapters/go-encode.ts";
import { createTextLines, writeChunk } from "../../../adapters/ollama/write-chunk.ts";

it("writes a piece of text as any other line is written", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), fc.nat(4e12), (content, model, time) => {
      const context: WriteContext = {
        call: { job: "chat", params: {}, query: new URLSearchParams(), headers: {} },
        request: { model, messages: [], stream: true },
        id: "x",
        newId: () => "x",
        createdAt: time,
        now: () => time,
      };
      expect(createTextLines(context)(content)).toBe(writeGoNdjson(writeChunk({ content }, context)));
    }),
    { numRuns: 300 },
  );
});
