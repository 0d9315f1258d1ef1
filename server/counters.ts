import type { RequestLog, RequestLogEntry } from "./request-log.ts";

/** Totals since the start, by status class and by how requests were served. */
export interface Counters {
  requests: Map<string, { labels: CounterLabels; count: number }>;
  /** As providers counted them. */
  inputTokens: number;
  outputTokens: number;
  /** Part of the input. */
  cachedTokens: number;
  /** Counted by us, where the provider did not: not in the numbers above. */
  estimatedInputTokens: number;
  estimatedOutputTokens: number;
  repairs: number;
}

export interface CounterLabels {
  protocol: string;
  status: string;
  via: string;
}

export const createCounters = (): Counters => ({
  requests: new Map(),
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  estimatedInputTokens: 0,
  estimatedOutputTokens: 0,
  repairs: 0,
});

/** A log that tells others on its way. */
export function withRecorders(
  recorders: readonly ((entry: RequestLogEntry) => void)[],
  log: RequestLog,
): RequestLog {
  return (entry) => {
    for (const record of recorders) record(entry);
    log(entry);
  };
}

export function count(counters: Counters, entry: RequestLogEntry): void {
  const labels = toLabels(entry);
  const id = `${labels.protocol} ${labels.status} ${labels.via}`;
  const counted = counters.requests.get(id);
  if (counted) counted.count++;
  else counters.requests.set(id, { labels, count: 1 });
  const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, estimated, repairs = [] } = entry;
  counters.repairs += repairs.length;
  if (estimated) {
    counters.estimatedInputTokens += inputTokens;
    counters.estimatedOutputTokens += outputTokens;
  } else {
    counters.inputTokens += inputTokens;
    counters.outputTokens += outputTokens;
    counters.cachedTokens += cachedTokens;
  }
}

// Only labels with few values: a label per model would grow without end.
const toLabels = ({ protocol, status, via }: RequestLogEntry): CounterLabels => ({
  protocol: protocol ?? "none",
  status: `${Math.floor(status / 100)}xx`,
  via: via ?? "none",
});
