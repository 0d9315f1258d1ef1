import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { waitForRest, type Source } from "../../server/wait-for-rest.ts";

function createSource(): Source & { listeners: Set<() => void> } {
  const listeners = new Set<() => void>();
  return {
    listeners,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

describe("waitForRest", () => {
  it("leaves no timer and no listener behind, however it ends", async () => {
    const sources = [createSource(), createSource()] as const;
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const waits = Array.from({ length: 10_000 }, (_, index) => {
      const controller = new AbortController();
      const ms = index % 3 === 0 ? index % 20 : 60_000;
      const done = waitForRest(ms, sources, controller.signal);
      if (index % 3 === 1) setTimeout(() => controller.abort(), index % 20);
      return done.then(() => getEventListeners(controller.signal, "abort").length);
    });
    // These end by themselves or because their clients left, the others when somebody is back.
    await Promise.all(waits.filter((_, index) => index % 3 !== 2));
    for (const listener of sources[1].listeners) listener();
    expect(new Set(await Promise.all(waits))).toEqual(new Set([0]));
    expect(sources.map(({ listeners }) => listeners.size)).toEqual([0, 0]);
    const left = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    expect(left).toBeLessThanOrEqual(before + 1);
  });

  it("ends when the client leaves, or when something changed, long before its time", async () => {
    const [source, controller] = [createSource(), new AbortController()];
    const left = waitForRest(3_600_000, [source], controller.signal);
    const changed = waitForRest(3_600_000, [source], new AbortController().signal);
    controller.abort();
    await left;
    expect(source.listeners.size).toBe(1);
    for (const listener of source.listeners) listener();
    await changed;
  });

  it("does not begin for a client that is gone", async () => {
    const source = createSource();
    await waitForRest(60_000, [source], AbortSignal.abort());
    expect(source.listeners.size).toBe(0);
  });
});
