import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/**
 * Where load and servers run: two processors apart from each other where the system can pin, so that the one under
 * test has its own and nothing else moves onto it.
 */
export function findPins() {
  const hasTaskset = spawnSync("taskset", ["-p", String(process.pid)], { stdio: "ignore" }).status === 0;
  if (!hasTaskset || availableParallelism() < 2) return undefined;
  return { load: "0", server: String(availableParallelism() - 1) };
}

/** Moves this process, which makes the load, out of the servers' way. */
export function pinSelf(pins) {
  if (pins) spawnSync("taskset", ["-a", "-c", "-p", pins.load, String(process.pid)], { stdio: "ignore" });
}

export const withPin = (pin, [program, ...args]) =>
  pin === undefined ? [program, args] : ["taskset", ["-c", pin, program, ...args]];

/** What the figures were measured on; names no one's machine. */
export function describeMachine(pins) {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    // Not those left to this process once it is pinned.
    processors: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    pinned: pins !== undefined,
    // How many programs wanted to run: above the number of processors, the figures scatter.
    load: Math.round(loadavg()[0] * 100) / 100,
  };
}
