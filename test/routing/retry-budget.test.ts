import { expect, it } from "vitest";
import { createRetryBudget } from "../../routing/retry-budget.ts";

it("allows a fifth of the requests, and three, as retries in each ten seconds", () => {
  const clock = { now: 0 };
  const budget = createRetryBudget(() => clock.now);
  let retried = 0;
  // A provider that is down for a minute, asked 200 times a second.
  for (let request = 0; request < 12_000; request++) {
    clock.now = request * 5;
    budget.asked("p");
    if (!budget.mayRetry("p")) continue;
    retried++;
    budget.asked("p");
  }
  expect(retried).toBeLessThanOrEqual(12_000 * 0.2 + 6 * 4);
  expect(retried).toBeGreaterThan(2000);
});

it("counts every provider for itself, and lets a quiet daemon try again", () => {
  const budget = createRetryBudget(() => 0);
  budget.asked("a");
  expect(Array.from({ length: 5 }, () => budget.mayRetry("a"))).toEqual([true, true, true, false, false]);
  expect(budget.mayRetry("b")).toBe(true);
});
