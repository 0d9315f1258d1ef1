import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createEntryBatch } from "../../server/entry-batch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setUp = (options?: { delayMs?: number; most?: number }) => {
  const sent: number[][] = [];
  const batch = createEntryBatch((entries) => sent.push(entries.map(({ status }) => status)), options);
  const add = (status: number): void => batch.add({ time: "", method: "GET", path: "/", ms: 0, status });
  return { sent, batch, add };
};

it("hands on entries a little later, in their order, each once", () => {
  const { sent, add } = setUp();
  for (const status of [1, 2, 3]) add(status);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(sent).toEqual([[1, 2, 3]]);
  add(4);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([[1, 2, 3], [4]]);
  expect(vi.getTimerCount()).toBe(0);
});

it("hands them on at once when somebody wants to look, or there are many", () => {
  const { sent, batch, add } = setUp({ most: 3 });
  add(1);
  batch.flush();
  batch.flush();
  expect(sent).toEqual([[1]]);
  for (const status of [2, 3, 4, 5]) add(status);
  expect(sent).toEqual([[1], [2, 3, 4]]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([[1], [2, 3, 4], [5]]);
});

it("does not wait where there is no delay", () => {
  const { sent, add } = setUp({ delayMs: 0 });
  add(1);
  expect(sent).toEqual([[1]]);
  expect(vi.getTimerCount()).toBe(0);
});
