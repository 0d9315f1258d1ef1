import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { skipString } from "../../server/json-text.ts";

describe("skipString", () => {
  it("ends at the quote that is not escaped", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom("\\", '"', "a")).map((all) => all.join("")),
        ),
        (text) => {
          const literal = JSON.stringify(text);
          expect(skipString(`${literal},"next"`, 0)).toBe(literal.length);
          expect(skipString(`[${literal}]`, 1)).toBe(literal.length + 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['"', '"abc', '"abc\\"', '"\\\\\\"'])("tells that %s has no end", (text) => {
    expect(skipString(text, 0)).toBe(-1);
  });
});
