/** Times in buckets that grow by an eighth: any number of them in the same small space, a few percent exact. */
export interface Histogram {
  add: (ms: number) => void;
  count: () => number;
  sum: () => number;
  /** The time below which `share` of them are, in milliseconds; undefined: there are none. */
  quantile: (share: number) => number | undefined;
}

export function createHistogram(): Histogram {
  const buckets: number[] = [];
  let count = 0;
  let sum = 0;
  let most = 0;
  return {
    add(ms) {
      if (!(ms >= 0)) return;
      const bucket = Math.min(LAST, Math.ceil(Math.log(Math.max(1, ms)) / STEP));
      while (buckets.length <= bucket) buckets.push(0);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count++;
      sum += ms;
      most = Math.max(most, ms);
    },
    count: () => count,
    sum: () => sum,
    quantile(share) {
      if (count === 0) return undefined;
      let left = Math.max(1, Math.ceil(count * share));
      for (const [bucket, held] of buckets.entries()) {
        left -= held;
        // The middle of the bucket, and never more than was measured.
        if (left <= 0) return Math.min(most, Math.exp((bucket - 0.5) * STEP));
      }
      return most;
    },
  };
}

const STEP = Math.log(1.125);
/** More than a day. */
const LAST = 160;
