import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAlarms, type Alarm } from "../../server/alarms.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("createAlarms", () => {
  it("rings each when it is due, however they are set, moved and taken back", () => {
    const step = fc.record({
      alarm: fc.nat(4),
      act: fc.constantFrom("set", "set", "set", "clear"),
      in: fc.integer({ min: 1, max: 500 }),
      pause: fc.nat(300),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const alarms = createAlarms();
        const rung: string[] = [];
        const expected: string[] = [];
        const due = new Map<number, number>();
        const all: Alarm[] = Array.from({ length: 5 }, (_, index) => ({
          due: 0,
          place: -1,
          ring: () => rung.push(`${index} at ${Math.round(performance.now())}`),
        }));
        const pass = (ms: number): void => {
          const until = performance.now() + ms;
          for (const [index, at] of [...due].filter(([, at]) => at <= until)) {
            expected.push(`${index} at ${Math.round(at)}`);
            due.delete(index);
          }
          vi.advanceTimersByTime(ms);
        };
        for (const { alarm, act, in: ms, pause } of steps) {
          const found = all[alarm] as Alarm;
          if (act === "clear") {
            alarms.clear(found);
            due.delete(alarm);
          } else {
            due.set(alarm, performance.now() + ms);
            alarms.set(found, performance.now() + ms);
          }
          pass(pause);
        }
        pass(1000);
        expect(rung.toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  it("has one timer for any number of them, and none to keep a process alive", () => {
    const alarms = createAlarms();
    for (let index = 0; index < 1000; index++)
      alarms.set({ due: 0, place: -1, ring: () => undefined }, performance.now() + 100 + index);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("may be set anew by the one that rings", () => {
    const alarms = createAlarms();
    let rings = 0;
    const alarm: Alarm = {
      due: 0,
      place: -1,
      ring() {
        rings++;
        alarms.set(alarm, performance.now() + 10);
      },
    };
    alarms.set(alarm, performance.now() + 10);
    vi.advanceTimersByTime(100);
    expect(rings).toBe(10);
  });
});
