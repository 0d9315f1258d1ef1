import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createAllowances, type Lease, type OwnAllowances } from "../../../server/limits/allowances.ts";
import { createFarAllowances } from "../../../server/workers/far-allowances.ts";
import { onRoom, serveAllowances } from "../../../server/workers/serve-allowances.ts";
import { createChannelPair } from "./channel-pair.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function createOne(own: OwnAllowances) {
  const [near, far] = createChannelPair();
  const served = serveAllowances(own, near);
  onRoom(own, served.tellRoom);
  return { far: createFarAllowances(far), gone: served.end, channel: far };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it("several processes together never take more than there is, and all of it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 40 }),
      async (requestsPerMinute, asks) => {
        const own = createAllowances();
        const workers = [createOne(own), createOne(own), createOne(own)];
        const taken = await Promise.all(
          asks.map((worker) => workers[worker]?.far.take("key a", { requestsPerMinute }, () => 1)),
        );
        expect(taken.filter((lease) => lease !== undefined)).toHaveLength(
          Math.min(asks.length, requestsPerMinute),
        );
      },
    ),
    { numRuns: 100 },
  );
});

it("a refusal is remembered for as long as it lasts, for as much as was asked for", async () => {
  const limits = { tokensPerMinute: 100 };
  const { far } = createOne(createAllowances());
  expect(await far.take("key a", limits, () => 60)).toBeDefined();
  expect(await far.take("key a", limits, () => 50)).toBeUndefined();
  expect(far.blocked("key a", limits, () => 50)).toMatchObject({ limit: "tokensPerMinute", ms: 60_000 });
  expect(far.blocked("key a", limits, () => 40)).toBeUndefined();
  expect(far.blocked("key a", limits, () => 101)).toEqual({ limit: "tokensPerMinute", ms: Infinity });
  vi.advanceTimersByTime(60_001);
  expect(far.blocked("key a", limits, () => 50)).toBeUndefined();
  expect(await far.take("key a", limits, () => 50)).toBeDefined();
});

it("who waits is told that somebody gave back, and what a process held comes back when it dies", async () => {
  const own = createAllowances();
  const [one, two] = [createOne(own), createOne(own)];
  const limits = { concurrent: 2 };
  const leases: (Lease | undefined)[] = [];
  for (let count = 0; count < 2; count++) leases.push(await one.far.take("key a", limits, () => 0));
  expect(await two.far.take("key a", limits, () => 0)).toBeUndefined();
  expect(two.far.blocked("key a", limits, () => 0)).toMatchObject({ limit: "concurrent" });

  const told = vi.fn();
  two.far.onChange(told);
  leases[0]?.end(5);
  leases[0]?.end(5);
  await settle();
  await settle();
  expect(told).toHaveBeenCalledTimes(1);
  expect(two.far.blocked("key a", limits, () => 0)).toBeUndefined();
  expect(await two.far.take("key a", limits, () => 0)).toBeDefined();
  expect(await two.far.take("key a", limits, () => 0)).toBeUndefined();
  one.gone();
  expect(await two.far.take("key a", limits, () => 0)).toBeDefined();
});

it("a question to a process that is gone fails", async () => {
  const { far, channel } = createOne(createAllowances());
  const taking = far.take("key a", { concurrent: 1 }, () => 0);
  channel.close();
  await expect(taking).rejects.toThrow("is gone");
  await expect(far.take("key a", { concurrent: 1 }, () => 0)).rejects.toThrow("is gone");
});
