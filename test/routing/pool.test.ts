import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createPool } from "../../routing/pool.ts";

/** How often each slot came first in that many turns. */
const count = (weights: number[], turns: number): number[] => {
  const pool = createPool(weights);
  const counts = weights.map(() => 0);
  for (let turn = 0; turn < turns; turn++) {
    const [first] = pool.next();
    if (first !== undefined) counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
};

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
const roundOf = (weights: number[]): number =>
  weights.reduce((sum, weight) => sum + weight, 0) / weights.reduce(divisor, 0);

describe("createPool", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 12])("lets each of %i equal slots come once per round", (slots) => {
    expect(count(Array<number>(slots).fill(1), slots)).toEqual(Array<number>(slots).fill(1));
    expect(count(Array<number>(slots).fill(1), slots * 100)).toEqual(Array<number>(slots).fill(100));
  });

  it("starves no slot when two targets with two keys each take turns", () => {
    const pool = createPool([1, 1, 1, 1]);
    const first = Array.from({ length: 8 }, () => pool.next()[0]);
    expect(first.slice(0, 4).toSorted()).toEqual([0, 1, 2, 3]);
    expect(first.slice(4)).toEqual(first.slice(0, 4));
  });

  it("gives every slot exactly its weight per round, for weights with and without a common factor", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        (weights, rounds) => {
          const common = weights.reduce(divisor, 0);
          expect(count(weights, roundOf(weights) * rounds)).toEqual(
            weights.map((weight) => (weight / common) * rounds),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("spreads a heavy slot over the round", () => {
    const round = (weights: number[]): string => {
      const pool = createPool(weights);
      return Array.from({ length: roundOf(weights) }, () => pool.next()[0]).join("");
    };
    expect(round([3, 2])).toBe("01010");
    expect(round([2, 1, 1])).toBe("0120");
    expect(round([5, 1, 1])).toBe("0010200");
  });

  it("offers every slot for every request, each once, the one whose turn it is first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 }),
        fc.nat({ max: 20 }),
        (weights, turns) => {
          const pool = createPool(weights);
          for (let turn = 0; turn < turns; turn++) {
            expect(pool.next().toSorted((a, b) => a - b)).toEqual(weights.map((_, slot) => slot));
          }
        },
      ),
    );
  });

  it("keeps slots of weight 0 for when all others failed", () => {
    const pool = createPool([0, 1, -1, 2]);
    for (let turn = 0; turn < 6; turn++) {
      const order = pool.next();
      expect(order.slice(0, 2).toSorted()).toEqual([1, 3]);
      expect(order.slice(2)).toEqual([0, 2]);
    }
    expect(createPool([0, 0]).next()).toEqual([0, 1]);
    expect(createPool([]).next()).toEqual([]);
  });

  it("understands fractions", () => {
    expect(count([0.5, 1.5], 40)).toEqual([10, 30]);
    expect(count([0.001, 1], 110)[0]).toBeGreaterThan(0);
  });

  it("keeps a round small for weights that are anything but", () => {
    const began = performance.now();
    const counts = count([1, 1e9, 7.7e6], 3000);
    expect(counts.every((turns) => turns > 0)).toBe(true);
    expect(createPool([Number.NaN, Number.POSITIVE_INFINITY, 1]).next()[0]).toBe(2);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
