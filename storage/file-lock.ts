import { open, readFile, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { crypto } from "./crypto.ts";
import { isAlive, processStart } from "./process-start.ts";
import { makeFolder } from "./safe-file.ts";

export interface LockOptions {
  /** How long to wait for another holder; default 10 s. */
  waitMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * Runs `action` while this process alone holds the lock file `path`. A lock whose process is gone, or that is older
 * than any write takes, is taken over. Throws when another process keeps it longer than `waitMs`.
 */
export async function withFileLock<T>(
  path: string,
  action: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const { waitMs = 10_000, now = Date.now } = options;
  const token = crypto().randomBytes(8).toString("hex");
  const deadline = now() + waitMs;
  await makeFolder(dirname(path));
  for (let attempt = 0; !(await take(path, token, now())); attempt++) {
    const holder = await readHolder(path);
    const broken = holder && isStale(holder, now()) && (await breakLock(path, holder, now));
    if (broken) continue;
    // Also for a stale one that cannot be removed, as in a folder that is read-only.
    if (now() > deadline) {
      const by = holder?.pid === undefined ? "another process" : `process ${holder.pid}`;
      throw new Error(`${path} is held by ${by}: try again, or remove that file if nothing is writing`);
    }
    await pause(Math.min(30, 2 ** attempt) * (0.5 + Math.random()));
  }
  try {
    return await action();
  } finally {
    await release(path, token);
  }
}

interface Holder {
  token?: string;
  pid?: number;
  start?: string;
  host?: string;
  /** Last change of the lock file, ms since 1970. */
  writtenAt: number;
}

async function take(path: string, token: string, now: number): Promise<boolean> {
  let file;
  try {
    file = await open(path, "wx", 0o600);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Windows reports a file that is just being removed as EPERM.
    if (code === "EEXIST" || (process.platform === "win32" && code === "EPERM")) return false;
    throw error;
  }
  try {
    try {
      const holder = { token, pid: process.pid, start: processStart(process.pid), host: hostname(), at: now };
      await file.writeFile(JSON.stringify(holder));
    } finally {
      await file.close();
    }
  } catch (error) {
    // Not filled, as on a full disk: it would hold up everyone, this process too.
    await unlink(path).catch(() => undefined);
    throw error;
  }
  return true;
}

async function release(path: string, token: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder && holder.token !== token) return;
  try {
    await unlink(path);
  } catch (error) {
    // Its process lives on, so nobody else would see that it is stale.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") abandoned.add(token);
  }
}

/** Whether a lock's process is gone, or it is older than any write takes; undefined: there is no lock. */
export async function isStaleLock(path: string, now: number): Promise<boolean | undefined> {
  const holder = await readHolder(path);
  return holder && isStale(holder, now);
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const writtenAt = (await stat(path)).mtimeMs;
    const text = await readFile(path, "utf8");
    try {
      const { token, pid, start, host } = JSON.parse(text) as Omit<Holder, "writtenAt">;
      return { token, ...(Number.isInteger(pid) && { pid }), start, host, writtenAt };
    } catch {
      return { writtenAt };
    }
  } catch {
    return undefined;
  }
}

function isStale(holder: Holder, now: number): boolean {
  const age = now - holder.writtenAt;
  if (holder.token !== undefined && abandoned.has(holder.token)) return true;
  // Made, but not yet filled: its process has a moment to do so.
  if (holder.pid === undefined) return age > 2000;
  if (age > LONGEST_WRITE_MS) return true;
  if (holder.host !== hostname()) return false;
  if (!isAlive(holder.pid)) return true;
  const start = processStart(holder.pid);
  return holder.start !== undefined && start !== undefined && holder.start !== start;
}

/**
 * Two processes may find the same stale lock: only the one with the guard removes it, and only if it still is that one.
 * Returns whether it is worth trying to take the lock at once.
 */
async function breakLock(path: string, stale: Holder, now: () => number): Promise<boolean> {
  const guard = `${path}.break`;
  try {
    await (await open(guard, "wx", 0o600)).close();
  } catch {
    const age = now() - ((await stat(guard).catch(() => undefined))?.mtimeMs ?? now());
    if (age > LONGEST_WRITE_MS) await unlink(guard).catch(() => undefined);
    return false;
  }
  try {
    const holder = await readHolder(path);
    if (holder && holder.token === stale.token && holder.writtenAt === stale.writtenAt) await unlink(path);
    return true;
  } catch (error) {
    // Someone removed it first: all the better.
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  } finally {
    await unlink(guard).catch(() => undefined);
  }
}

/** Tokens of locks of this process that it could not remove. */
const abandoned = new Set<string>();

const pause = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, ms);
  });

const LONGEST_WRITE_MS = 30_000;
