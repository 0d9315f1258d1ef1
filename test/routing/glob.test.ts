import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { isGlob, matchesGlob, specificity } from "../../routing/glob.ts";

/** The same as a regular expression, which says what it means but is not linear. */
const toRegex = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/[.*+?^${}()|[\]\\/-]/g, (c) => (c === "*" ? "[^]*" : c === "?" ? "[^]" : `\\${c}`))}$`,
    "i",
  );

describe("matchesGlob", () => {
  it.each([
    ["*", "anything", true],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["claude-*", "claude-sonnet-4-5", true],
    ["claude-*", "claude-", true],
    ["claude-*", "my-claude-x", false],
    ["*claude*", "my-claude-x", true],
    ["CLAUDE-*", "claude-Opus", true],
    ["gpt-?o", "gpt-4o", true],
    ["gpt-?o", "gpt-o", false],
    ["gpt-?o", "gpt-44o", false],
    ["a*b*c", "a-c-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["*:latest", "qwen3:latest", true],
    ["a.c", "abc", false],
    ["a[bc]", "ab", false],
    ["org/*", "org/team/model", true],
  ])("%s fits %s: %s", (pattern, name, fits) => {
    expect(matchesGlob(pattern, name)).toBe(fits);
  });

  it("says what a regular expression says", () => {
    const part = fc.constantFrom("a", "b", "A", "-", ".", "*", "?", "+", "(", "\\");
    const pattern = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
    const name = fc.array(fc.constantFrom("a", "b", "B", "-", ".", "+", "(", "\\", "\n"), { maxLength: 10 });
    fc.assert(
      fc.property(pattern, name, (glob, parts) => {
        expect(matchesGlob(glob, parts.join(""))).toBe(toRegex(glob).test(parts.join("")));
      }),
      { numRuns: 3000 },
    );
  });

  it("does not hang on a pattern of many stars", () => {
    const began = performance.now();
    expect(matchesGlob(`${"*a".repeat(50)}b`, "a".repeat(5000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe("isGlob and specificity", () => {
  it("tell patterns from names, and the more literal from the less", () => {
    expect(["a*", "?", "a", "", "a-b:c"].map(isGlob)).toEqual([true, true, false, false, false]);
    expect(specificity("claude-sonnet-*")).toBeGreaterThan(specificity("claude-*"));
    expect(specificity("*")).toBe(0);
  });
});
