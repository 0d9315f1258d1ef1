import { expect, it } from "vitest";
import { createLatency } from "../../routing/latency.ts";

it("averages what was measured lately, and forgets it after five minutes", () => {
  const clock = { now: 0 };
  const latency = createLatency(() => clock.now);
  expect(latency.of("a")).toBeUndefined();
  latency.measured("a", 100);
  latency.measured("a", 200);
  expect(latency.of("a")).toBe(130);
  clock.now += 300_000;
  expect(latency.of("a")).toBeUndefined();
  latency.measured("a", 50);
  expect(latency.of("a")).toBe(50);
});

it("keeps no more names than it can bear", () => {
  const latency = createLatency(() => 0);
  for (let index = 0; index < 5000; index++) latency.measured(`m${index}`, 1);
  expect([latency.of("m0"), latency.of("m4999")]).toEqual([undefined, 1]);
});
