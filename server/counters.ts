import type { RequestLog, RequestLogEntry } from "./request-log.ts";

/** Totals since the start, by status class and by how requests were served. */
export interface Counters {
  requests: Map<string, number>;
  inputTokens: number;
  outputTokens: number;
  repairs: number;
}

export const createCounters = (): Counters => ({
  requests: new Map(),
  inputTokens: 0,
  outputTokens: 0,
  repairs: 0,
});

/** A log that counts on its way. */
export function withCounters(counters: Counters, log: RequestLog): RequestLog {
  return (entry) => {
    const labels = toLabels(entry);
    counters.requests.set(labels, (counters.requests.get(labels) ?? 0) + 1);
    counters.inputTokens += entry.inputTokens ?? 0;
    counters.outputTokens += entry.outputTokens ?? 0;
    counters.repairs += entry.repairs?.length ?? 0;
    log(entry);
  };
}

// Only labels with few values: a label per model would grow without end.
const toLabels = ({ protocol, status, via }: RequestLogEntry): string =>
  `protocol="${protocol ?? "none"}",status="${Math.floor(status / 100)}xx",via="${via ?? "none"}"`;
