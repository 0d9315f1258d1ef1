import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAllowances, type OwnAllowances } from "../../../server/limits/allowances.ts";
import type { Limits } from "../../../storage/types.ts";

let allowances: OwnAllowances;
beforeEach(async () => {
  allowances = createAllowances();
  await allowances.ready();
  vi.useFakeTimers({ now: Date.parse("2030-01-31T23:00:00Z") });
});
afterEach(() => vi.useRealTimers());

const take = (limits: Limits, tokens = 0, owner = "key k_a") => allowances.take(owner, limits, () => tokens);
const blocked = (limits: Limits, tokens = 0) => allowances.blocked("key k_a", limits, () => tokens);

describe("requests per minute", () => {
  const limits = { requestsPerMinute: 2 };

  it("are counted from the first on, and come back when the minute is over", () => {
    expect(take(limits)).toBeDefined();
    vi.advanceTimersByTime(20_000);
    expect(take(limits)).toBeDefined();
    expect(take(limits)).toBeUndefined();
    expect(blocked(limits)).toEqual({ limit: "requestsPerMinute", ms: 40_000 });
    vi.advanceTimersByTime(39_999);
    expect(take(limits)).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(take(limits)).toBeDefined();
  });

  it("of one owner are not another's, and refused ones do not count", () => {
    for (let turn = 0; turn < 20; turn++) take(limits);
    expect(take(limits, 0, "key k_b")).toBeDefined();
    vi.advanceTimersByTime(60_000);
    expect(blocked(limits)).toBeUndefined();
  });

  it("follow a limit that is changed while they are counted", () => {
    take(limits);
    take(limits);
    expect(blocked({ requestsPerMinute: 3 })).toBeUndefined();
    expect(blocked({ requestsPerMinute: 1 })).toBeDefined();
  });
});

describe("tokens per minute", () => {
  const limits = { tokensPerMinute: 1000 };

  it("are reserved by estimate and put right at the end", () => {
    const first = take(limits, 600);
    expect(take(limits, 600)).toBeUndefined();
    first?.end(300);
    expect(take(limits, 600)).toBeDefined();
    expect(blocked(limits, 101)).toMatchObject({ limit: "tokensPerMinute" });
    expect(blocked(limits, 100)).toBeUndefined();
  });

  it("that an answer used beyond its estimate count, and a second end does not", () => {
    const lease = take(limits, 10);
    lease?.end(5000);
    lease?.end(0);
    expect(blocked(limits, 1)).toMatchObject({ ms: 60_000 });
  });

  it("whose minute is over are not given back to the next one", () => {
    const lease = take(limits, 900);
    vi.advanceTimersByTime(60_001);
    expect(take(limits, 900)).toBeDefined();
    lease?.end(0);
    expect(blocked(limits, 200)).toBeDefined();
  });

  it("of one request beyond all of them never fit", () => {
    expect(blocked(limits, 1001)).toEqual({ limit: "tokensPerMinute", ms: Number.POSITIVE_INFINITY });
  });

  it("are counted only where they are limited", () => {
    const count = vi.fn(() => 5);
    allowances.take("key k_a", { requestsPerMinute: 5 }, count);
    expect(count).not.toHaveBeenCalled();
  });
});

describe("tokens per day", () => {
  const limits = { tokensPerDay: 1000 };

  it("come back at midnight UTC", () => {
    take(limits, 1000)?.end(1000);
    expect(blocked(limits, 1)).toEqual({ limit: "tokensPerDay", ms: 3_600_000 });
    vi.advanceTimersByTime(3_600_000);
    expect(blocked(limits, 1000)).toBeUndefined();
  });

  it("are known to a daemon that starts again, until that midnight", async () => {
    const spent = vi.fn();
    allowances.onSpent(spent);
    take(limits, 400)?.end(700);
    expect(spent).toHaveBeenCalledTimes(2);
    const saved = allowances.save();
    expect(saved).toEqual([{ owner: "key k_a", tokens: 700, endsAt: Date.parse("2030-02-01T00:00:00Z") }]);
    const next = createAllowances();
    next.load(saved);
    await next.ready();
    expect(next.blocked("key k_a", limits, () => 301)).toMatchObject({ limit: "tokensPerDay" });
    expect(next.blocked("key k_a", limits, () => 300)).toBeUndefined();
    vi.advanceTimersByTime(3_600_000);
    expect(next.blocked("key k_a", limits, () => 1000)).toBeUndefined();
    expect(next.save()).toEqual([]);
  });
});

describe("requests at the same time", () => {
  it("make room when one ends, once, and tell it", () => {
    const limits = { concurrent: 1 };
    const first = take(limits);
    expect(take(limits)).toBeUndefined();
    const told = vi.fn();
    const stop = allowances.onChange(told);
    first?.end();
    first?.end();
    expect(told).toHaveBeenCalledTimes(1);
    stop();
    const second = take(limits);
    expect(second).toBeDefined();
    expect(take(limits)).toBeUndefined();
    second?.end();
    expect(told).toHaveBeenCalledTimes(1);
  });
});

it("the limit that lasts longest says when it is worth to come back", () => {
  const limits = { requestsPerMinute: 1, concurrent: 1, tokensPerDay: 10 };
  take(limits, 10);
  expect(blocked(limits, 1)?.limit).toBe("tokensPerDay");
  expect(blocked({ requestsPerMinute: 1, concurrent: 1 })?.limit).toBe("requestsPerMinute");
});
