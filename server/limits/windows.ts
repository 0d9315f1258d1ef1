import type { RateLimiterMemory } from "rate-limiter-flexible";

/** What was used in one span of time; both are forgotten when it ends. */
export interface Window {
  /** Undefined: nothing yet. `endsAt`: milliseconds since 1970. */
  read: () => { used: number; endsAt: number } | undefined;
  /** Counts; the span begins with the first. Returns when it ends. */
  add: (points: number, spanMs: number) => number;
  restore: (used: number, endsAt: number) => void;
}

let loaded: typeof RateLimiterMemory | undefined;

/** Loads what counts: it is needed only where a limit is configured. */
export async function loadWindows(): Promise<() => Window> {
  loaded ??= (await import("rate-limiter-flexible/lib/RateLimiterMemory.js")).default;
  const Limiter = loaded;
  return () => createWindow(new Limiter({ points: 1, duration: 60, keyPrefix: "" }));
}

/**
 * The limiter answers in promises but counts at once, and `dump` reads at once: a look and the counting after it are
 * one step that no other request can come between.
 */
function createWindow(limiter: RateLimiterMemory): Window {
  const read: Window["read"] = () => {
    const record = limiter.dump().storage.find(({ key }) => key === NAME);
    if (!record || record.expiresAt === null || record.expiresAt <= Date.now()) return undefined;
    return { used: record.value, endsAt: record.expiresAt };
  };
  return {
    read,
    add(points, spanMs) {
      limiter.penalty(NAME, points, { customDuration: spanMs / 1000 }).catch(() => undefined);
      return read()?.endsAt ?? Date.now() + spanMs;
    },
    restore(used, endsAt) {
      limiter.restore({ version: 1, storage: [{ key: NAME, value: used, expiresAt: endsAt }] });
    },
  };
}

/** Every window has a limiter of its own, so that reading it does not walk through all. */
const NAME = "w";
