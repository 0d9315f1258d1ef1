import fc from "fast-check";
import { expect, it } from "vitest";
import { escapeText } from "../../adapters/escape-text.ts";

const texts = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  // One unit of UTF-16, half of a pair among them.
  fc.array(fc.nat(0xffff), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
);

it("writes any text as JSON.stringify does", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(`"${escapeText(text)}"`).toBe(JSON.stringify(text));
    }),
    { numRuns: 2000 },
  );
  for (let code = 0; code < 0x10000; code++) {
    const unit = String.fromCharCode(code);
    if (`"${escapeText(unit)}"` !== JSON.stringify(unit)) throw new Error(code.toString(16));
  }
});
