/** Which provider keys rest, and until when. Keys always come back: a deadline passes by itself. */
export interface Cooldowns {
  /** Rests `name` for `ms`; a deadline is only ever moved later. */
  rest: (name: string, ms: number) => void;
  /** Milliseconds until `name` may be used again; 0 now. */
  remaining: (name: string) => number;
  /** An answer came: growing pauses start over. */
  succeeded: (name: string) => void;
  /** Rests after a failure that named no time: 1 s, doubling to a minute. */
  failed: (name: string) => void;
  entries: () => { name: string; remainingMs: number }[];
  clear: (name?: string) => void;
}

export function createCooldowns(now: () => number): Cooldowns {
  const until = new Map<string, number>();
  const failures = new Map<string, number>();
  const remaining = (name: string): number => {
    const deadline = until.get(name);
    if (deadline === undefined) return 0;
    const left = deadline - now();
    if (left > 0) return left;
    until.delete(name);
    return 0;
  };
  const rest = (name: string, ms: number): void => {
    const deadline = now() + Math.min(ms, MAX_REST_MS);
    until.set(name, Math.max(until.get(name) ?? 0, deadline));
  };
  return {
    rest,
    remaining,
    succeeded(name) {
      failures.delete(name);
    },
    failed(name) {
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      rest(name, Math.min(60_000, 1000 * 2 ** Math.min(count - 1, 10)));
    },
    entries: () =>
      [...until.keys()]
        .map((name) => ({ name, remainingMs: remaining(name) }))
        .filter((entry) => entry.remainingMs > 0),
    clear(name) {
      if (name === undefined) {
        until.clear();
        failures.clear();
        return;
      }
      until.delete(name);
      failures.delete(name);
    },
  };
}

const MAX_REST_MS = 24 * 3_600_000;
