import { describe, expect, it } from "vitest";
import { toBudget, toEffort, toKnownEffort } from "../../adapters/effort.ts";
import type { Effort } from "../../adapters/unified.ts";

const EFFORTS: Effort[] = ["minimal", "low", "medium", "high", "xhigh", "max"];

describe("effort and budget", () => {
  it("stand for each other", () => {
    for (const effort of EFFORTS) {
      const budgetTokens = toBudget({ mode: "on", effort });
      expect(budgetTokens).toBeGreaterThan(0);
      expect(toEffort({ mode: "on", budgetTokens })).toBe(effort);
    }
  });

  it("grow together", () => {
    const budgets = EFFORTS.map((effort) => toBudget({ mode: "on", effort }) ?? 0);
    expect(budgets).toEqual(budgets.toSorted((a, b) => a - b));
    expect(
      [1, 1024, 4096, 31_999, 1_000_000].map((budgetTokens) => toEffort({ mode: "on", budgetTokens })),
    ).toEqual(["minimal", "low", "medium", "xhigh", "max"]);
  });

  it("leave what is not said to the model, and believe what is", () => {
    expect(toBudget({ mode: "on" })).toBeUndefined();
    expect(toEffort({ mode: "on" })).toBeUndefined();
    expect(toBudget({ mode: "on", effort: "low", budgetTokens: 7 })).toBe(7);
    expect(toEffort({ mode: "on", effort: "low", budgetTokens: 99_999 })).toBe("low");
  });
});

describe("toKnownEffort", () => {
  it.each([
    ["max", ["low", "medium", "high"], "high"],
    ["xhigh", ["low", "high", "max"], "high"],
    ["minimal", ["low", "medium"], "low"],
    ["medium", ["low", "medium"], "medium"],
  ] as const)("%s of %j is %s", (effort, known, expected) => {
    expect(toKnownEffort(effort, known)).toBe(expected);
  });

  it("needs at least one to choose from", () => {
    expect(() => toKnownEffort("low", [])).toThrow(RangeError);
  });
});
