import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayError } from "../../adapters/errors.ts";
import { createAlarms } from "../../server/alarms.ts";
import { createTimers, DEFAULT_TIMEOUTS } from "../../server/timers.ts";
import type { Timeouts } from "../../storage/types.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setUp = (timeouts?: Timeouts) => {
  const errors: GatewayError[] = [];
  const timers = createTimers(timeouts, (error) => errors.push(error), createAlarms());
  timers.start();
  const pass = (ms: number): (string | undefined)[] => {
    vi.advanceTimersByTime(ms);
    return errors.map(({ code }) => code);
  };
  return { timers, errors, pass };
};

describe("createTimers", () => {
  it("waits for the first event that long and no longer", () => {
    const { pass, errors } = setUp({ firstEvent: 5000, idle: 1000 });
    expect(pass(4999)).toEqual([]);
    expect(pass(1)).toEqual(["firstEvent_timeout"]);
    expect(errors[0]).toMatchObject({
      kind: "timeout",
      message: expect.stringContaining("within 5 s") as string,
    });
    expect(pass(100_000)).toHaveLength(1);
  });

  it("then allows that much silence between two pieces", () => {
    const { timers, pass, errors } = setUp({ firstEvent: 60_000, idle: 1000 });
    pass(30_000);
    for (let piece = 0; piece < 20; piece++) {
      timers.gotData();
      expect(pass(999)).toEqual([]);
    }
    expect(pass(1)).toEqual(["idle_timeout"]);
    expect(errors[0]?.message).toContain("stood still for 1 s");
    expect(pass(100_000)).toHaveLength(1);
  });

  it("limits the whole answer only where that is asked for", () => {
    const limited = setUp({ idle: 1000, total: 3500 });
    const endless = setUp({ idle: 1000 });
    for (let piece = 0; piece < 7; piece++) {
      limited.timers.gotData();
      endless.timers.gotData();
      vi.advanceTimersByTime(499);
    }
    expect(limited.pass(6)).toEqual([]);
    expect(limited.pass(1)).toEqual(["total_timeout"]);
    expect(limited.errors[0]?.message).toContain("longer than 3.5 s");
    expect(endless.pass(0)).toEqual([]);
  });

  it("blames no provider while the client is slow, but the whole answer still has its limit", () => {
    const { timers, pass } = setUp({ idle: 1000, total: 60_000 });
    timers.gotData();
    timers.hold();
    expect(pass(30_000)).toEqual([]);
    timers.gotData();
    expect(pass(999)).toEqual([]);
    timers.hold();
    expect(pass(29_000)).toEqual([]);
    expect(pass(1)).toEqual(["total_timeout"]);
  });

  it("gives a client that reads nothing two minutes", () => {
    const { timers, pass, errors } = setUp({ idle: 1000 });
    timers.gotData();
    timers.hold();
    expect(pass(119_999)).toEqual([]);
    expect(pass(1)).toEqual(["client_timeout"]);
    expect(errors[0]?.kind).toBe("cancelled");
  });

  it("waits only a moment for the end of a connection that has said all", () => {
    const { timers, pass } = setUp({ firstEvent: 600_000, idle: 300_000 });
    timers.gotData();
    timers.end();
    expect(pass(499)).toEqual([]);
    expect(pass(1)).toHaveLength(1);
  });

  it("is quiet once cleared", () => {
    const { timers, pass } = setUp({ firstEvent: 100, idle: 100 });
    pass(50);
    timers.clear();
    expect(pass(10_000)).toEqual([]);
    // Not even the one that finds nothing to ring.
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps one timer, however many pieces come", () => {
    const { timers } = setUp({ idle: 1000 });
    for (let piece = 0; piece < 1000; piece++) timers.gotData();
    expect(vi.getTimerCount()).toBe(1);
  });

  it("has limits of its own where none are configured", () => {
    const { timers, pass } = setUp();
    expect(pass(DEFAULT_TIMEOUTS.firstEvent - 1)).toEqual([]);
    timers.gotData();
    expect(pass(DEFAULT_TIMEOUTS.idle - 1)).toEqual([]);
    expect(pass(1)).toEqual(["idle_timeout"]);
  });

  it("takes limits beyond what a timer can hold", () => {
    const { pass } = setUp({ firstEvent: 2 ** 40, idle: 2 ** 40 });
    expect(pass(1)).toEqual([]);
  });
});
