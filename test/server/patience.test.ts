import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamEvent } from "../../adapters/unified.ts";
import { createPatience } from "../../server/patience.ts";

describe("createPatience", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const held: StreamEvent = { type: "text-delta", text: "Noon" };
  const start = () => {
    let waiting = true;
    const taken: StreamEvent[] = [];
    const relent = (): StreamEvent[] => {
      waiting = false;
      return [held];
    };
    const patience = createPatience({ waits: () => waiting, relent }, (events) => taken.push(...events));
    return { patience, taken, decide: () => (waiting = false) };
  };

  it("lets go what is held when the provider pauses", async () => {
    const { patience, taken } = start();
    patience?.look();
    await vi.advanceTimersByTimeAsync(200);
    expect(taken).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(taken).toEqual([held]);
  });

  it("does not hold it longer than a second, however much comes", async () => {
    const { patience, taken } = start();
    for (let ms = 0; ms < 900; ms += 50) {
      patience?.look();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(taken).toEqual([]);
    for (let ms = 0; ms < 400; ms += 50) {
      patience?.look();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(taken).toEqual([held]);
  });

  it("does nothing once it is decided, or when the answer has ended", async () => {
    const { patience, taken, decide } = start();
    patience?.look();
    decide();
    patience?.look();
    await vi.advanceTimersByTimeAsync(2000);
    const other = start();
    other.patience?.look();
    other.patience?.clear();
    await vi.advanceTimersByTimeAsync(2000);
    expect([...taken, ...other.taken]).toEqual([]);
  });

  it("is not there where nothing ever waits", () => {
    expect(createPatience({}, () => undefined)).toBeUndefined();
  });
});
