import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { batchLines } from "../../cli/batch-lines.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("writes the lines of one turn together, and none twice", () => {
  const written: string[] = [];
  const log = batchLines((lines) => written.push(lines));
  log.add("a");
  log.add("b");
  expect(written).toEqual([]);
  vi.runAllTimers();
  log.add("c");
  log.flush();
  log.flush();
  vi.runAllTimers();
  log.add("d");
  vi.advanceTimersByTime(100);
  expect(written).toEqual(["a\nb\n", "c\n", "d\n"]);
});
