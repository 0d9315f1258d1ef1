import { openConnection, toBytes } from "./connection.mjs";
import { readCpuUs } from "./process-meter.mjs";

/**
 * Closed loop: so many connections, each asking again as soon as it has its answer, for `ms`. `pid`: whose processor
 * time is counted. Times in milliseconds, processor time in microseconds.
 */
export async function load(address, request, { connections, ms, pid, count }) {
  const bytes = toBytes(address, request);
  const lines = await Promise.all(Array.from({ length: connections }, () => openConnection(address)));
  const times = [];
  let failed = 0;
  let left = count ?? Number.POSITIVE_INFINITY;
  const cpuBefore = pid === undefined ? undefined : readCpuUs(pid);
  const began = performance.now();
  const end = began + ms;
  await Promise.all(
    lines.map(async (line, index) => {
      while (performance.now() < end && left-- > 0 && failed < MOST_FAILURES) {
        try {
          const result = await line.request(bytes);
          if (result.status === 200) times.push(result.ms);
          else failed++;
        } catch {
          failed++;
          line = lines[index] = await openConnection(address);
        }
      }
    }),
  );
  const elapsed = performance.now() - began;
  const cpu = cpuBefore === undefined ? undefined : readCpuUs(pid) - cpuBefore;
  for (const line of lines) line.close();
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    failed,
    rps: (times.length / elapsed) * 1000,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    ...(cpu !== undefined && { cpuUs: cpu / Math.max(1, times.length), cpuShare: cpu / 1000 / elapsed }),
  };
}

/** Of sorted values. */
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

const MOST_FAILURES = 50;
