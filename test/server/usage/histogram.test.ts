import { describe, expect, it } from "vitest";
import { createHistogram } from "../../../server/usage/histogram.ts";

describe("createHistogram", () => {
  it("tells quantiles a few percent exact, whatever the scale", () => {
    for (const scale of [1, 37, 5000]) {
      const histogram = createHistogram();
      for (let value = 1; value <= 1000; value++) histogram.add((value * scale) / 10);
      for (const share of [0.5, 0.95, 0.99]) {
        const exact = share * 1000 * (scale / 10);
        const told = histogram.quantile(share) ?? 0;
        expect(Math.abs(told - exact) / exact, `${scale} ${share}`).toBeLessThan(0.08);
      }
      expect(histogram.count()).toBe(1000);
      expect(histogram.sum()).toBeCloseTo((500_500 * scale) / 10, 3);
    }
  });

  it("says nothing of nothing, and takes what makes no sense for nothing or for the most", () => {
    const histogram = createHistogram();
    expect(histogram.quantile(0.5)).toBeUndefined();
    histogram.add(Number.NaN);
    histogram.add(-1);
    expect(histogram.count()).toBe(0);
    histogram.add(0);
    expect(histogram.quantile(0.5)).toBe(0);
    histogram.add(1e15);
    expect(histogram.quantile(0.99)).toBeGreaterThan(1e8);
  });

  it("of one value is that value", () => {
    const histogram = createHistogram();
    histogram.add(1234);
    for (const share of [0.5, 0.99])
      expect(Math.abs((histogram.quantile(share) ?? 0) - 1234)).toBeLessThan(80);
    expect(histogram.quantile(1)).toBeLessThanOrEqual(1234);
  });
});
