import { describe, expect, it, vi } from "vitest";
import type { RequestLogEntry } from "../../../server/request-log.ts";
import { createLedger } from "../../../server/usage/ledger.ts";
import { readUsage, sumUsage } from "../../../server/usage/read-usage.ts";
import { createTimings } from "../../../server/usage/timings.ts";
import type { StateStore } from "../../../storage/types.ts";
import { memoryStorage } from "../../../storage/index.ts";

const NOW = Date.parse("2030-01-31T12:00:00Z");
const entry = (more: Partial<RequestLogEntry> = {}): RequestLogEntry => ({
  time: "2030-01-31T11:00:00.000Z",
  method: "POST",
  path: "/v1/messages",
  status: 200,
  ms: 100,
  group: "default",
  model: "sonnet",
  alias: "*",
  target: "p/m",
  key: "k_a",
  inputTokens: 10,
  outputTokens: 5,
  cachedTokens: 4,
  ...more,
});

describe("the ledger", () => {
  it("adds up by day, key, alias and target, estimates apart", async () => {
    const { state } = memoryStorage();
    const ledger = createLedger(state);
    ledger.record(entry());
    ledger.record(entry());
    ledger.record(entry({ estimated: true, inputTokens: 7, outputTokens: 3, cachedTokens: undefined }));
    ledger.record(
      entry({
        status: 502,
        error: "upstream: x",
        inputTokens: undefined,
        outputTokens: undefined,
        cachedTokens: undefined,
      }),
    );
    ledger.record(entry({ status: 499, error: "cancelled: x", key: undefined }));
    ledger.record(entry({ time: "2030-01-30T23:59:59.999Z", target: "p/other" }));
    ledger.record(
      entry({
        status: 429,
        error: "rate-limit: x",
        alias: undefined,
        target: undefined,
        inputTokens: undefined,
        outputTokens: undefined,
        cachedTokens: undefined,
      }),
    );
    // Counting tokens generates nothing.
    ledger.record(entry({ alias: undefined }));
    // No chat: nothing of it is usage.
    ledger.record({ time: entry().time, method: "GET", path: "/", status: 200, ms: 1 });
    await ledger.flush();
    const rows = await readUsage(state, 2, NOW);
    expect(rows).toEqual([
      expect.objectContaining({ day: "2030-01-30", target: "p/other", requests: 1 }),
      {
        day: "2030-01-31",
        key: "k_a",
        alias: "default@*",
        target: "p/m",
        requests: 4,
        errors: 1,
        inputTokens: 20,
        outputTokens: 10,
        cachedTokens: 8,
        estimated: { requests: 1, inputTokens: 7, outputTokens: 3 },
      },
      expect.objectContaining({ key: "-", requests: 1, errors: 0 }),
      expect.objectContaining({ alias: "default@-", target: "-", requests: 1, errors: 1 }),
    ]);
    expect(await readUsage(state, 1, NOW)).toHaveLength(3);
    expect(sumUsage(rows, "day").map(({ day, requests }) => [day, requests])).toEqual([
      ["2030-01-30", 1],
      ["2030-01-31", 6],
    ]);
    expect(sumUsage(rows, "target").map(({ target }) => target)).toEqual(["p/m", "p/other", "-"]);
  });

  it("goes on with what an earlier daemon wrote on that day", async () => {
    const { state } = memoryStorage();
    for (const _run of [1, 2, 3]) {
      const ledger = createLedger(state);
      ledger.record(entry());
      await ledger.flush();
    }
    expect((await readUsage(state, 1, NOW))[0]).toMatchObject({ requests: 3, inputTokens: 30 });
  });

  it("loses nothing to a disk that fails for a while, and writes over nothing that it could not read", async () => {
    const { records } = memoryStorage();
    const before = createLedger(records);
    before.record(entry());
    await before.flush();
    const broken = new Set<"get" | "set">(["get"]);
    const disk: StateStore = {
      ...records,
      get: <T>(key: string) => (broken.has("get") ? Promise.reject(new Error("EIO")) : records.get<T>(key)),
      set: (...args) => (broken.has("set") ? Promise.reject(new Error("ENOSPC")) : records.set(...args)),
    };
    const ledger = createLedger(disk);
    const use = async (): Promise<number | undefined> => {
      ledger.record(entry());
      await ledger.flush();
      return (await readUsage(records, 1, NOW))[0]?.requests;
    };
    expect(await use()).toBe(1);
    broken.delete("get");
    broken.add("set");
    expect(await use()).toBe(1);
    broken.delete("set");
    // What was refused is tried again, also when nothing else is used.
    await ledger.flush();
    expect((await readUsage(records, 1, NOW))[0]?.requests).toBe(3);
    expect(await use()).toBe(4);
  });

  it("has a bounded number of rows: the rest are others", async () => {
    const { state } = memoryStorage();
    const ledger = createLedger(state);
    for (let index = 0; index < 2500; index++) ledger.record(entry({ target: `p/${index}` }));
    await ledger.flush();
    const rows = await readUsage(state, 1, NOW);
    expect(rows).toHaveLength(2001);
    expect(rows.find(({ target }) => target === "other")).toMatchObject({ requests: 500, inputTokens: 5000 });
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(2500);
  });

  it("writes within a second, many requests at once, and keeps a quarter of a year", async () => {
    vi.useFakeTimers();
    try {
      const { state } = memoryStorage();
      const set = vi.spyOn(state, "set");
      const ledger = createLedger(state);
      for (let turn = 0; turn < 1000; turn++) ledger.record(entry());
      expect(set).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1000);
      expect(set).toHaveBeenCalledTimes(1);
      expect(set.mock.lastCall?.[2]).toBe(90 * 86_400_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([[null], ["x"], [[null, { day: 1 }, { ...entry() }]]])(
    "is not troubled by a document that is none: %j",
    async (content) => {
      const { state } = memoryStorage();
      await state.set("usage/2030-01-31", content);
      const ledger = createLedger(state);
      ledger.record(entry());
      await ledger.flush();
      expect(await readUsage(state, 1, NOW)).toHaveLength(1);
    },
  );
});

describe("timings", () => {
  it("tell answers, errors and failed attempts of a target apart", () => {
    const timings = createTimings();
    timings.record(entry({ firstMs: 40, failed: [{ target: "p/bad", key: "p#1", error: "upstream" }] }));
    timings.record(entry({ status: 502, error: "upstream: x" }));
    timings.record(entry({ status: 499 }));
    const [good, bad] = timings.all();
    expect(good).toMatchObject({ target: "p/m", requests: 3, errors: 1, failures: 0 });
    expect([good?.first.count(), good?.total.count()]).toEqual([1, 1]);
    expect(bad).toMatchObject({ target: "p/bad", requests: 0, failures: 1 });
  });

  it("are kept of a bounded number of targets", () => {
    const timings = createTimings();
    for (let index = 0; index < 1000; index++) timings.record(entry({ target: `p/${index}` }));
    expect(timings.all()).toHaveLength(201);
    expect(timings.all()[0]).toMatchObject({ target: "other", requests: 800 });
  });
});
