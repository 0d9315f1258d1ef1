import { hasTokenLimit, type Allowances, type Blocked, type Lease } from "../limits/allowances.ts";
import type { Channel } from "./channel.ts";

/**
 * What keys may use, counted by the first process alone: every right to serve a request is asked for there, so that no
 * two processes give away the same one. Refusals are remembered for as long as they last, so that who has no room is
 * passed over without asking.
 */
export function createFarAllowances(channel: Channel): Allowances {
  const refusals = new Map<string, { blocked: Blocked; until: number; size: number }>();
  const listeners = new Set<() => void>();
  channel.onTell("room", () => {
    refusals.clear();
    for (const listener of listeners) listener();
  });
  return {
    ready: () => Promise.resolve(),
    blocked(owner, limits, tokens) {
      const size = hasTokenLimit(limits) ? tokens() : 0;
      const { tokensPerMinute = size, tokensPerDay = size } = limits;
      if (size > tokensPerDay) return { limit: "tokensPerDay", ms: Number.POSITIVE_INFINITY };
      if (size > tokensPerMinute) return { limit: "tokensPerMinute", ms: Number.POSITIVE_INFINITY };
      const refusal = refusals.get(owner);
      // What is smaller may fit all the same.
      if (!refusal || size < refusal.size) return undefined;
      const ms = refusal.until - performance.now();
      if (ms > 0) return { ...refusal.blocked, ms };
      refusals.delete(owner);
      return undefined;
    },
    async take(owner, limits, tokens) {
      const size = hasTokenLimit(limits) ? tokens() : 0;
      const taken = await channel.ask("take", { owner, limits, tokens: size });
      if ("lease" in taken) return toLease(channel, taken.lease);
      const { blocked } = taken;
      if (Number.isFinite(blocked.ms))
        refusals.set(owner, { blocked, until: performance.now() + blocked.ms, size });
      return undefined;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // Kept by the first process.
    onSpent: () => () => undefined,
    save: () => [],
    load: () => undefined,
  };
}

function toLease(channel: Channel, lease: number): Lease {
  let over = false;
  return {
    end(used) {
      if (over) return;
      over = true;
      channel.tell("end", { lease, used });
    },
  };
}
