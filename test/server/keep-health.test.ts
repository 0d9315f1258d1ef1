import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createHealth } from "../../routing/health.ts";
import { keepHealth } from "../../server/keep-health.ts";
import { startServer } from "../../server/serve.ts";
import { memoryStorage, openStorage } from "../../storage/index.ts";
import type { ProviderConfig, StateStore } from "../../storage/types.ts";
import { startRawProvider, type RawProvider } from "./raw-provider.ts";

let dir: string;
let raw: RawProvider;
beforeAll(async () => {
  raw = await startRawProvider();
});
afterAll(() => raw.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "health-"));
  raw.seen.length = 0;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("a daemon that starts again", () => {
  const run = async (change: Partial<ProviderConfig> = {}): Promise<number> => {
    const storage = await openStorage(dir, { watch: false });
    await storage.config.update((draft) => {
      draft.providers["p"] = { protocol: "openai", baseUrl: raw.url, keys: ["wrong"], ...change };
      draft.groups["default"] = { models: { "*": "p/m" } };
    });
    const server = await startServer({ storage, host: "127.0.0.1", port: 0 });
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      body: '{"model":"m","messages":[{"role":"user","content":"hi"}]}',
    });
    await response.text();
    await server.close(0);
    await storage.close();
    return response.status;
  };

  it("does not ask a key that was refused before its rest is over", async () => {
    raw.answer((_req, res) => res.writeHead(401).end("{}"));
    expect(await run()).toBe(502);
    expect(raw.seen).toHaveLength(1);
    expect(await run()).toBe(502);
    expect(raw.seen).toHaveLength(1);
  });

  it("asks a provider that was set up otherwise since", async () => {
    raw.answer((_req, res) => res.writeHead(401).end("{}"));
    await run();
    await run({ keys: ["another"] });
    expect(raw.seen).toHaveLength(2);
  });
});

describe("keepHealth", () => {
  const providers = () => ({ p: { protocol: "openai", baseUrl: "http://127.0.0.1:1" } });
  const restart = async (state: StateStore, { at, elapsedMs }: { at: number; elapsedMs: number }) => {
    const health = createHealth(() => at);
    await keepHealth(health, { state, providers, now: () => 1_000_000 + elapsedMs }).load();
    return health;
  };

  it("counts the time that the daemon was off", async () => {
    const { state } = memoryStorage();
    const health = createHealth(() => 0);
    const kept = keepHealth(health, { state, providers, now: () => 1_000_000 });
    health.begin(["p#1"]).failed("p#1", "refused", 60_000);
    await kept.flush();
    const soon = await restart(state, { at: 77, elapsedMs: 20_000 });
    expect(soon.resting()).toEqual([{ name: "p#1", reason: "refused", remainingMs: 40_000 }]);
    expect((await restart(state, { at: 77, elapsedMs: 61_000 })).resting()).toEqual([]);
    // The clock was set back: nobody rests longer for it.
    expect((await restart(state, { at: 77, elapsedMs: -9e9 })).resting()[0]?.remainingMs).toBe(60_000);
  });

  it("writes many changes once, within a second, and what is pending at the end", async () => {
    vi.useFakeTimers();
    try {
      const { state } = memoryStorage();
      const set = vi.spyOn(state, "set");
      const health = createHealth(() => 0);
      const kept = keepHealth(health, { state, providers, now: () => 0 });
      for (let turn = 0; turn < 100; turn++) health.begin(["p#1"]).failed("p#1", "refused", 1000 + turn);
      expect(set).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1000);
      expect(set).toHaveBeenCalledTimes(1);
      health.clear();
      await kept.flush();
      expect(set).toHaveBeenCalledTimes(2);
      expect(set.mock.lastCall?.[1]).toMatchObject({ saved: [] });
      await kept.flush();
      expect(set).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [7],
    [{ saved: "x", marks: {} }],
    [
      {
        savedAt: 0,
        marks: { p: 1 },
        saved: [null, 1, { name: "p#1", reason: "why", remainingMs: 1, failures: 1 }],
      },
    ],
    [
      {
        savedAt: 0,
        marks: {},
        saved: [{ name: "__proto__", reason: "quota", remainingMs: 9e9, failures: 1 }],
      },
    ],
  ])("takes nothing from a file that says anything else: %j", async (content) => {
    const { state } = memoryStorage();
    await state.set("health", content);
    expect((await restart(state, { at: 0, elapsedMs: 0 })).save()).toEqual([]);
  });
});
