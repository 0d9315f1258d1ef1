import type { RequestLogEntry } from "../request-log.ts";
import { createHistogram, type Histogram } from "./histogram.ts";

/** How one target did since the daemon started. */
export interface TargetTimings {
  target: string;
  /** Requests it answered or failed at last. */
  requests: number;
  /** Requests that ended with an error of it. */
  errors: number;
  /** Attempts at it that failed, whoever answered then. */
  failures: number;
  /** Until the answer began. */
  first: Histogram;
  /** Until it was over. */
  total: Histogram;
}

export interface Timings {
  record: (entry: RequestLogEntry) => void;
  /** The most used first. */
  all: () => TargetTimings[];
}

export function createTimings(): Timings {
  const targets = new Map<string, TargetTimings>();
  const of = (asked: string): TargetTimings => {
    // Names of models come from clients where a target leaves the model open.
    const target = targets.has(asked) || targets.size < MOST ? asked : "other";
    let known = targets.get(target);
    if (!known) {
      const [first, total] = [createHistogram(), createHistogram()];
      known = { target, requests: 0, errors: 0, failures: 0, first, total };
      targets.set(target, known);
    }
    return known;
  };
  return {
    record({ target, failed = [], status, error, firstMs, ms }) {
      for (const attempt of failed) of(attempt.target).failures++;
      if (target === undefined) return;
      const known = of(target);
      known.requests++;
      // A client that went away is no error, and says nothing of how long an answer takes.
      if (status === 499) return;
      if (status >= 400 || error !== undefined) return void known.errors++;
      if (firstMs !== undefined) known.first.add(firstMs);
      known.total.add(ms);
    },
    all: () => [...targets.values()].sort((a, b) => b.requests - a.requests),
  };
}

const MOST = 200;
