import { readFile, unlink } from "node:fs/promises";
import { isAlive, processStart } from "../storage/process-start.ts";
import { createSafeFile } from "../storage/safe-file.ts";

/** What a running daemon leaves in its PID file. */
export interface Daemon {
  pid: number;
  /** Tells its process from a later one with the same number; absent where the system does not say. */
  start?: string;
  url: string;
  version: string;
  startedAt: string;
  /** The flags it was started with, for a restart. */
  flags: string[];
}

export async function writeDaemon(pidFile: string, daemon: Omit<Daemon, "pid" | "start">): Promise<void> {
  const whole: Daemon = { pid: process.pid, start: processStart(process.pid), ...daemon };
  await createSafeFile(pidFile).write(`${JSON.stringify(whole, undefined, 2)}\n`);
}

/** Removes the PID file, if it is still the one of that process. */
export async function removeDaemon(pidFile: string, pid: number): Promise<void> {
  if ((await readDaemon(pidFile))?.pid === pid) await unlink(pidFile).catch(() => undefined);
}

export async function readDaemon(pidFile: string): Promise<Daemon | undefined> {
  try {
    const daemon = JSON.parse(await readFile(pidFile, "utf8")) as Partial<Daemon> | null;
    const { pid, url } = daemon ?? {};
    if (typeof pid !== "number" || typeof url !== "string" || !URL.canParse(url)) return undefined;
    return { version: "", startedAt: "", flags: [], ...daemon, pid, url };
  } catch {
    return undefined;
  }
}

/**
 * The daemon of the PID file, if its process lives and is the daemon: after a crash the number may belong to any
 * program, which nobody wants ended.
 */
export async function findDaemon(pidFile: string): Promise<Daemon | undefined> {
  const daemon = await readDaemon(pidFile);
  if (!daemon || !isAlive(daemon.pid)) return undefined;
  const start = processStart(daemon.pid);
  if (start !== undefined && daemon.start !== undefined) return start === daemon.start ? daemon : undefined;
  return (await askHealth(daemon.url))?.pid === daemon.pid ? daemon : undefined;
}

/** What /health says; undefined when nothing of ours answers within two seconds. */
export async function askHealth(url: string): Promise<{ pid: number; version: string } | undefined> {
  try {
    const response = await ask(url, "/health");
    const health = (await response.json()) as { status?: unknown; pid?: unknown; version?: unknown } | null;
    if (health?.status !== "ok" || typeof health.pid !== "number") return undefined;
    return { pid: health.pid, version: String(health.version) };
  } catch {
    return undefined;
  }
}

/** A request to a daemon. Redirects are not followed: they could carry the token elsewhere. */
export function ask(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
  body?: unknown,
): Promise<Response> {
  const signal = AbortSignal.timeout(2000);
  return fetch(reachable(url) + path, {
    method,
    headers,
    redirect: "manual",
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** An address to call: what listens on all interfaces is reached on loopback. */
export function reachable(url: string): string {
  const parsed = new URL(url);
  if (parsed.hostname === "0.0.0.0") parsed.hostname = "127.0.0.1";
  if (parsed.hostname === "[::]") parsed.hostname = "[::1]";
  return parsed.origin;
}
