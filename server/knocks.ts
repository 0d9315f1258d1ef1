import { GatewayError } from "../adapters/errors.ts";

/** Wrong keys by where they came from. Who tries too many is told to wait, which costs nothing but the telling. */
export interface Knocks {
  /** Takes note of a wrong key. Throws `rate-limit` where there were too many lately. */
  count: (address: string | undefined) => void;
  /** How many addresses are remembered. */
  readonly size: number;
}

/**
 * At most `most` wrong keys a minute from one address (a /64 of IPv6 is one). A right key is always let in: a program
 * that guesses cannot lock out its neighbours, and none can guess 256 bits. `now`: milliseconds, steady.
 */
export function createKnocks(now: () => number, most = MOST): Knocks {
  const seen = new Map<string, { count: number; since: number }>();
  return {
    count(address) {
      const who = toNetwork(address ?? "");
      const at = now();
      const known = seen.get(who);
      if (!known || at - known.since >= WINDOW_MS) {
        seen.delete(who);
        if (seen.size >= MOST_ADDRESSES) seen.delete(seen.keys().next().value ?? "");
        seen.set(who, { count: 1, since: at });
        return;
      }
      if (++known.count <= most) return;
      throw new GatewayError("rate-limit", "too many wrong keys from this address: wait, and check the key", {
        code: "too_many_wrong_keys",
        retryAfterMs: Math.max(1, known.since + WINDOW_MS - at),
      });
    },
    get size() {
      return seen.size;
    },
  };
}

const toNetwork = (address: string): string =>
  address.includes(".") ? address : address.split(":").slice(0, 4).join(":");

const MOST = 20;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;
