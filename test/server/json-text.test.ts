import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { isDeeper, skipString } from "../../server/json-text.ts";

const depthOf = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
};

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

describe("isDeeper", () => {
  it("counts levels, brackets in strings left out", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom(undefined, 1),
        fc.nat({ max: 7 }),
        (value, indent, limit) => {
          const wrapped = { text: '[{"\\', value };
          expect(isDeeper(JSON.stringify(wrapped, null, indent), limit)).toBe(depthOf(wrapped) > limit);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is quick about a text that is nothing but brackets", () => {
    expect(isDeeper("[".repeat(10_000_000), 128)).toBe(true);
    expect(isDeeper('"'.repeat(1001), 0)).toBe(false);
  });
});
