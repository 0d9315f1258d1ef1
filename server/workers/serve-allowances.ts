import type { Allowances, Lease, OwnAllowances } from "../limits/allowances.ts";
import type { Channel } from "./channel.ts";

/** Answers one worker's requests for rights. Returns what is to be done when it is gone: its rights come back. */
export function serveAllowances(allowances: OwnAllowances, channel: Channel): () => void {
  const leases = new Map<number, Lease>();
  let count = 0;
  channel.onAsk("take", async ({ owner, limits, tokens }) => {
    await allowances.ready();
    const lease = allowances.take(owner, limits, () => tokens);
    if (!lease)
      return { blocked: allowances.blocked(owner, limits, () => tokens) ?? { limit: "concurrent", ms: 1 } };
    const id = count++;
    leases.set(id, lease);
    return { lease: id };
  });
  channel.onTell("end", ({ lease, used }) => {
    leases.get(lease)?.end(used);
    leases.delete(lease);
  });
  return () => {
    // What it used is not known: what was reserved stands for it.
    for (const lease of leases.values()) lease.end();
    leases.clear();
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
