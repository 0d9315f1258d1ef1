import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block } from "../../../adapters/blocks.ts";
import { createDeltaRun, writeDelta } from "../../../adapters/claude/write-delta.ts";
import { writeSse } from "../../../adapters/sse.ts";

const FIELDS = { text: "text", refusal: "text", thinking: "thinking", "tool-call": "partial_json" };
const TYPES = { text: "text", refusal: "text", thinking: "thinking", "tool-call": "input_json" };

const kind = fc.constantFrom("text", "refusal", "thinking", "tool-call");
const block = fc
  .record({ kind, index: fc.nat(200) })
  .map((some) => ({ ...some, id: "", name: "", args: "", text: "" }) as Exclude<Block, { kind: "media" }>);
const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }));

/** As an object would be written. */
const plainly = ({ kind: of, index }: Exclude<Block, { kind: "media" }>, delta: string): string =>
  writeSse(
    JSON.stringify({
      type: "content_block_delta",
      index,
      delta: { type: `${TYPES[of]}_delta`, [FIELDS[of]]: delta },
    }),
    "content_block_delta",
  );

describe("what a block grows by", () => {
  it("is an event like any other", () => {
    fc.assert(
      fc.property(block, text, (grown, delta) => {
        expect(writeDelta(grown, delta)).toBe(plainly(grown, delta));
      }),
    );
  });

  it("is the same in a row", () => {
    const row = fc.array(fc.tuple(block, fc.array(text, { maxLength: 4 }), fc.boolean()), { maxLength: 6 });
    fc.assert(
      fc.property(row, (all) => {
        const run = createDeltaRun();
        let told = "";
        let expected = "";
        for (const [grown, deltas, isInterrupted] of all) {
          for (const delta of deltas) told += run.add(grown, delta);
          for (const delta of deltas) expected += plainly(grown, delta);
          if (isInterrupted) told += `${run.close()}|`;
          if (isInterrupted) expected += "|";
        }
        expect(told + run.close()).toBe(expected);
      }),
    );
  });
});
