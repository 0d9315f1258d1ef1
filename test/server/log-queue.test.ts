import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLogQueue } from "../../server/log-queue.ts";
import type { RequestLogEntry } from "../../server/request-log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setUp = (delayMs: number) => {
  const done: number[] = [];
  const queue = createLogQueue(({ status }) => done.push(status), delayMs);
  const add = (status: number): void =>
    queue.add({ time: "", method: "GET", path: "/", ms: 0, status } satisfies RequestLogEntry);
  return { done, queue, add };
};

it("works off entries a little later, in their order, each once", () => {
  const { done, add } = setUp(20);
  for (const status of [1, 2, 3]) add(status);
  expect(done).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(done).toEqual([1, 2, 3]);
  add(4);
  vi.advanceTimersByTime(100);
  expect(done).toEqual([1, 2, 3, 4]);
  expect(vi.getTimerCount()).toBe(0);
});

it("works them off when somebody wants to look, or there are many", () => {
  const { done, queue, add } = setUp(20);
  add(1);
  queue.flush();
  expect(done).toEqual([1]);
  for (let status = 2; status <= 1001; status++) add(status);
  expect(done).toHaveLength(1001);
  vi.advanceTimersByTime(100);
  expect(done).toHaveLength(1001);
});

it("does not wait where there is no delay", () => {
  const { done, add } = setUp(0);
  add(1);
  expect(done).toEqual([1]);
  expect(vi.getTimerCount()).toBe(0);
});
