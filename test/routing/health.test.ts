import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHealth, type HealthEdit, type RestReason } from "../../routing/health.ts";

const setUp = () => {
  const clock = { now: 1_000_000 };
  return { clock, health: createHealth(() => clock.now) };
};
const DAY = 24 * 3_600_000;

describe("createHealth", () => {
  it("rests a name for as long as the provider says", () => {
    const { clock, health } = setUp();
    health.begin(["k"]).failed("k", "rate-limit", 2500);
    expect([health.remaining(["k"]), health.remaining(["other"])]).toEqual([2500, 0]);
    clock.now += 2499;
    expect(health.remaining(["k"])).toBe(1);
    clock.now += 1;
    expect(health.remaining(["k"])).toBe(0);
  });

  it("only ever moves a deadline later", () => {
    const { clock, health } = setUp();
    health.begin(["k"]).failed("k", "rate-limit", 500);
    health.begin(["k"]).failed("k", "rate-limit", 100);
    expect(health.remaining(["k"])).toBe(500);
    clock.now += 400;
    health.begin(["k"]).failed("k", "quota", 300);
    expect(health.remaining(["k"])).toBe(300);
  });

  it.each<[RestReason, number[]]>([
    ["rate-limit", [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]],
    ["refused", [60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, 3_600_000, 3_600_000]],
    ["quota", [1, 2, 4, 8, 16, 24, 24].map((hours) => hours * 3_600_000)],
    ["failures", [0, 0, 0, 0, 5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]],
    ["busy", [0, 0, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]],
  ])("rests longer after each failure in a row where no time is named (%s)", (reason, pauses) => {
    const { clock, health } = setUp();
    const seen = pauses.map(() => {
      health.begin(["k"]).failed("k", reason);
      const pause = health.remaining(["k"]);
      clock.now += pause;
      return pause;
    });
    expect(seen).toEqual(pauses);
  });

  it("is tried by one request at a time after its rest, and is whole after a success", () => {
    const { clock, health } = setUp();
    health.begin(["k"]).failed("k", "rate-limit", 1000);
    clock.now += 1000;
    const trial = health.begin(["k"]);
    expect(health.remaining(["k"])).toBeGreaterThan(0);
    trial.released();
    expect(health.remaining(["k"])).toBe(0);
    health.begin(["k"]).succeeded();
    expect([health.remaining(["k"]), health.well()]).toEqual([0, true]);
    health.begin(["k"]).failed("k", "rate-limit");
    expect(health.remaining(["k"])).toBe(1000);
  });

  it("counts the failures of requests that were on their way together as one", () => {
    const { clock, health } = setUp();
    const trials = Array.from({ length: 100 }, () => health.begin(["k"]));
    for (const trial of trials) trial.failed("k", "rate-limit");
    expect(health.remaining(["k"])).toBe(1000);
    clock.now += 1000;
    const [first, ...late] = Array.from({ length: 100 }, () => health.begin(["k"]));
    first?.failed("k", "rate-limit");
    for (const trial of late) trial.failed("k", "rate-limit");
    expect(health.remaining(["k"])).toBe(2000);
    clock.now += 2000;
    expect(health.remaining(["k"])).toBe(0);
  });

  it("a success that was on its way when the name was put to rest does not wake it", () => {
    const { health } = setUp();
    const slow = health.begin(["k"]);
    health.begin(["k"]).failed("k", "rate-limit", 60_000);
    slow.succeeded();
    expect(health.remaining(["k"])).toBe(60_000);
  });

  it("rests a slot while any of its names rests, and says why", () => {
    const { health } = setUp();
    health.begin(["a"]).failed("a", "rate-limit", 100);
    health.begin(["b"]).failed("b", "quota", 900);
    expect([health.remaining(["a", "b", "c"]), health.reason(["a", "b", "c"])]).toEqual([900, "quota"]);
    expect(health.reason(["c"])).toBeUndefined();
  });

  it("lists who rests, tells of changes, and clears one or all", () => {
    const { health } = setUp();
    let changes = 0;
    const stop = health.onChange(() => changes++);
    health.begin(["a"]).failed("a", "rate-limit", 100);
    health.begin(["b"]).failed("b", "refused", 200);
    expect(health.resting()).toEqual([
      { name: "a", reason: "rate-limit", remainingMs: 100 },
      { name: "b", reason: "refused", remainingMs: 200 },
    ]);
    health.clear("a");
    expect(health.resting().map(({ name }) => name)).toEqual(["b"]);
    stop();
    health.clear();
    expect([health.resting(), health.well(), changes]).toEqual([[], true, 3]);
  });

  it("goes on after a restart where it was, less the time that went by", () => {
    const { clock, health } = setUp();
    health.begin(["a"]).failed("a", "rate-limit", 10_000);
    health.begin(["b"]).failed("b", "refused");
    health.begin(["c"]).failed("c", "failures");
    clock.now += 4000;
    const again = createHealth(() => 7);
    again.load(health.save(), 1000);
    expect(again.resting()).toEqual([
      { name: "a", reason: "rate-limit", remainingMs: 5000 },
      { name: "b", reason: "refused", remainingMs: 55_000 },
    ]);
    again.clear("a");
    const later = createHealth(() => 7);
    later.load(again.save(), 60_000);
    later.begin(["b"]).failed("b", "refused");
    expect(later.remaining(["b"])).toBe(120_000);
  });

  it("behaves as its model does, whatever happens in whatever order", () => {
    const names = ["k1", "k2"] as const;
    const reasons = ["rate-limit", "quota", "refused", "failures", "busy"] as const;
    const step = fc.oneof(
      fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 200_000 }) }),
      fc.record({ kind: fc.constant("begin" as const), name: fc.constantFrom(...names) }),
      fc.record({ kind: fc.constant("succeed" as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant("release" as const), which: fc.nat(5) }),
      fc.record({
        kind: fc.constant("fail" as const),
        which: fc.nat(5),
        reason: fc.constantFrom(...reasons),
        ms: fc.option(fc.integer({ min: 0, max: 2 * DAY }), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, health } = setUp();
        // The model: until when a name rests at least, as told, and whether a trial is on.
        const told = new Map<string, number>();
        const open: { name: string; trial: ReturnType<typeof health.begin> }[] = [];
        for (const one of steps) {
          if (one.kind === "wait") clock.now += one.ms;
          else if (one.kind === "begin") open.push({ name: one.name, trial: health.begin([one.name]) });
          else {
            const [taken] = open.splice(one.which % Math.max(1, open.length), 1);
            if (!taken) continue;
            const { name, trial } = taken;
            if (one.kind === "release") trial.released();
            else if (one.kind === "succeed") trial.succeeded();
            else {
              trial.failed(name, one.reason, one.ms);
              if (one.ms !== undefined)
                told.set(name, Math.max(told.get(name) ?? 0, clock.now + Math.min(one.ms, DAY)));
            }
          }
          for (const name of names) {
            const left = (told.get(name) ?? 0) - clock.now;
            // Never sooner than a provider said, never longer than a day.
            if (left > 0) expect(health.remaining([name])).toBeGreaterThanOrEqual(left);
            expect(health.remaining([name])).toBeLessThanOrEqual(DAY);
          }
        }
        // Everybody comes back.
        for (const { trial } of open) trial.released();
        clock.now += DAY;
        expect(names.map((name) => health.remaining([name]))).toEqual([0, 0]);
        for (const name of names) health.begin([name]).succeeded();
        expect(health.well()).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("health of several processes", () => {
  const REASONS: RestReason[] = ["rate-limit", "quota", "refused", "failures", "busy"];
  const name = fc.constantFrom("a", "b");
  const step = fc.oneof(
    fc.record({
      does: fc.constant("fail" as const),
      by: fc.nat({ max: 1 }),
      name,
      reason: fc.constantFrom(...REASONS),
      ms: fc.option(fc.integer({ min: 0, max: 90_000 }), { nil: undefined }),
    }),
    fc.record({
      does: fc.constantFrom("succeed" as const, "release" as const, "clear" as const),
      by: fc.nat({ max: 1 }),
      name,
    }),
    fc.record({ does: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 100_000 }) }),
  );

  it("is that of one, whichever of them saw what", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const clock = { now: 1_000_000 };
        const make = () => createHealth(() => clock.now);
        const [one, two, oracle] = [make(), make(), make()];
        one.onEdit((edits) => two.adopt(structuredClone(edits)));
        two.onEdit((edits) => one.adopt(structuredClone(edits)));
        for (const step of steps) {
          if (step.does === "wait") clock.now += step.ms;
          else
            for (const health of [[one, two][step.by] ?? one, oracle]) {
              if (step.does === "clear") health.clear(step.name);
              else if (step.does === "fail")
                health.begin([step.name]).failed(step.name, step.reason, step.ms);
              else if (step.does === "succeed") health.begin([step.name]).succeeded();
              else health.begin([step.name]).released();
            }
          expect([one.save(), two.save()]).toEqual([oracle.save(), oracle.save()]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the longest rest, in whatever order it was told", () => {
    const { clock, health: one } = setUp();
    const two = createHealth(() => clock.now);
    const told: HealthEdit[][] = [];
    for (const health of [one, two]) health.onEdit((edits) => told.push(edits));
    one.begin(["k"]).failed("k", "quota", 60_000);
    two.begin(["k"]).failed("k", "rate-limit", 10_000);
    one.adopt(told[1] ?? []);
    two.adopt(told[0] ?? []);
    for (const health of [one, two])
      expect(health.resting()).toMatchObject([{ reason: "quota", remainingMs: 60_000 }]);
    // That somebody succeeded who had asked before says nothing about it.
    one.adopt([{ name: "k" }]);
    expect(one.remaining(["k"])).toBe(60_000);
    one.adopt([{ name: "k", cleared: true }]);
    expect(one.remaining(["k"])).toBe(0);
  });

  it("lets one of them try at a time", () => {
    const { clock, health: one } = setUp();
    const two = createHealth(() => clock.now);
    one.onEdit((edits) => two.adopt(edits));
    two.onEdit((edits) => one.adopt(edits));
    one.begin(["k"]).failed("k", "rate-limit", 1000);
    clock.now += 1000;
    const trial = two.begin(["k"]);
    expect([one.remaining(["k"]), two.remaining(["k"])]).toEqual([500, 500]);
    trial.succeeded();
    expect([one.resting(), one.well(), two.well()]).toEqual([[], true, true]);
  });
});
