import type { Allowances, Lease, OwnAllowances } from "../limits/allowances.ts";
import type { Channel } from "./channel.ts";

export interface ServedAllowances {
  /** Some key has more room than before: who was refused may ask again. */
  tellRoom: () => void;
  /** The worker is gone: its rights come back. */
  end: () => void;
}

/** Answers one worker's requests for rights. */
export function serveAllowances(allowances: OwnAllowances, channel: Channel): ServedAllowances {
  const leases = new Map<number, Lease>();
  let count = 0;
  let refused = false;
  channel.onAsk("take", async ({ owner, limits, tokens }) => {
    await allowances.ready();
    const lease = allowances.take(owner, limits, () => tokens);
    if (!lease) {
      refused = true;
      return { blocked: allowances.blocked(owner, limits, () => tokens) ?? { limit: "concurrent", ms: 1 } };
    }
    const id = count++;
    leases.set(id, lease);
    return { lease: id };
  });
  channel.onTell("end", ({ lease, used }) => {
    leases.get(lease)?.end(used);
    leases.delete(lease);
  });
  return {
    tellRoom() {
      if (!refused) return;
      refused = false;
      channel.tell("room", null);
    },
    end() {
      // What it used is not known: what was reserved stands for it.
      for (const lease of leases.values()) lease.end();
      leases.clear();
    },
  };
}

/** Calls back once for changes that come together. */
export function onRoom(allowances: Allowances, tell: () => void): () => void {
  let pending = false;
  return allowances.onChange(() => {
    if (pending) return;
    pending = true;
    setImmediate(() => {
      pending = false;
      tell();
    });
  });
}
