/** How soon targets lately began to answer: a moving average, forgotten after a while so that it is measured again. */
export interface Latency {
  /** `ms`: from the request to the first event of the answer. */
  measured: (target: string, ms: number) => void;
  /** undefined: not known, or not any more. */
  of: (target: string) => number | undefined;
}

/** `now`: milliseconds of a clock that only runs forward. */
export function createLatency(now: () => number): Latency {
  const averages = new Map<string, { ms: number; at: number }>();
  const of = (target: string): number | undefined => {
    const known = averages.get(target);
    return known && now() - known.at < STALE_MS ? known.ms : undefined;
  };
  return {
    of,
    measured(target, ms) {
      const before = of(target);
      const average = { ms: before === undefined ? ms : before + SHARE * (ms - before), at: now() };
      const known = averages.get(target);
      if (known) return void Object.assign(known, average);
      averages.set(target, average);
      // Names come from clients where a target leaves the model open.
      const oldest = averages.size > MOST ? averages.keys().next().value : undefined;
      if (oldest !== undefined) averages.delete(oldest);
    },
  };
}

/** What a new measurement counts. */
const SHARE = 0.3;
const STALE_MS = 300_000;
const MOST = 2000;
