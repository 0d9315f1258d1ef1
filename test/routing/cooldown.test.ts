import { describe, expect, it } from "vitest";
import { createCooldowns } from "../../routing/cooldown.ts";

const setUp = () => {
  const clock = { now: 1_000_000 };
  return { clock, cooldowns: createCooldowns(() => clock.now) };
};

describe("createCooldowns", () => {
  it("rests a key until its time has come", () => {
    const { clock, cooldowns } = setUp();
    expect(cooldowns.remaining("a#1")).toBe(0);
    cooldowns.rest("a#1", 500);
    expect(cooldowns.remaining("a#1")).toBe(500);
    expect(cooldowns.remaining("a#2")).toBe(0);
    clock.now += 499;
    expect(cooldowns.remaining("a#1")).toBe(1);
    clock.now += 1;
    expect(cooldowns.remaining("a#1")).toBe(0);
  });

  it("only ever moves a deadline later", () => {
    const { clock, cooldowns } = setUp();
    cooldowns.rest("a", 500);
    cooldowns.rest("a", 100);
    expect(cooldowns.remaining("a")).toBe(500);
    clock.now += 400;
    cooldowns.rest("a", 300);
    expect(cooldowns.remaining("a")).toBe(300);
  });

  it("doubles the pause after each failure, up to a minute", () => {
    const { clock, cooldowns } = setUp();
    const pauses = Array.from({ length: 9 }, () => {
      cooldowns.failed("a");
      const pause = cooldowns.remaining("a");
      clock.now += pause;
      return pause;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it("starts over after a success", () => {
    const { clock, cooldowns } = setUp();
    for (let time = 0; time < 5; time++) cooldowns.failed("a");
    clock.now += 60_000;
    cooldowns.succeeded("a");
    cooldowns.failed("a");
    expect(cooldowns.remaining("a")).toBe(1000);
  });

  it("always lets a key come back, whatever the provider said", () => {
    const { clock, cooldowns } = setUp();
    cooldowns.rest("a", Number.MAX_VALUE);
    clock.now += 24 * 3_600_000;
    expect(cooldowns.remaining("a")).toBe(0);
    for (const ms of [Number.NaN, -5]) {
      cooldowns.rest("b", ms);
      expect(cooldowns.remaining("b")).toBe(0);
    }
    cooldowns.rest("b", 10);
    expect(cooldowns.remaining("b")).toBe(10);
  });

  it("lists who rests, and clears one or all", () => {
    const { clock, cooldowns } = setUp();
    cooldowns.rest("a", 100);
    cooldowns.rest("b", 200);
    cooldowns.rest("c", 300);
    expect(cooldowns.entries()).toEqual([
      { name: "a", remainingMs: 100 },
      { name: "b", remainingMs: 200 },
      { name: "c", remainingMs: 300 },
    ]);
    clock.now += 100;
    cooldowns.clear("b");
    expect(cooldowns.entries()).toEqual([{ name: "c", remainingMs: 200 }]);
    cooldowns.clear();
    expect(cooldowns.entries()).toEqual([]);
  });

  it("forgets past failures when it is cleared", () => {
    const { cooldowns } = setUp();
    for (let time = 0; time < 5; time++) cooldowns.failed("a");
    cooldowns.clear("a");
    cooldowns.failed("a");
    expect(cooldowns.remaining("a")).toBe(1000);
  });
});
