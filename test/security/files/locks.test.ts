import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withFileLock } from "../../../storage/file-lock.ts";
import { isAlive, processStart } from "../../../storage/process-start.ts";

let dir: string;
let lock: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ccproxy-lock-"));
  lock = join(dir, "config.json.lock");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A lock as another process would have left it. */
function leave(holder: Record<string, unknown> | string, ageMs = 0): void {
  writeFileSync(lock, typeof holder === "string" ? holder : JSON.stringify({ token: "t", ...holder }));
  const then = new Date(Date.now() - ageMs);
  utimesSync(lock, then, then);
}

async function take(waitMs = 300): Promise<boolean> {
  try {
    return await withFileLock(lock, async () => true, { waitMs });
  } catch (error) {
    expect((error as Error).message).toMatch(/is held by (?:process \d+|another process)/);
    return false;
  }
}

/** A number that no process has now, and one that had another start. */
const gone = (): number => {
  let pid = 4_000_000;
  while (isAlive(pid)) pid--;
  return pid;
};
const us = { pid: process.pid, host: hostname(), start: processStart(process.pid) };

describe.runIf(process.platform === "linux")("R12f: a stale lock is taken over", () => {
  it("whose process is gone", async () => {
    leave({ ...us, pid: gone() });
    expect(await take()).toBe(true);
  });

  it("whose number belongs to a later process", async () => {
    leave({ ...us, start: `${us.start?.split(":")[0]}:1` });
    expect(await take()).toBe(true);
  });

  it("from before a reboot, though a process has that number and start again", async () => {
    leave({ ...us, start: `00000000:${us.start?.split(":")[1]}` });
    expect(await take()).toBe(true);
  });

  it("that was never filled, or is no lock at all, once it is old", async () => {
    for (const text of ["", "{", "null", "\0\0\0", '{"pid":"x"}']) {
      leave(text, 3_000);
      expect(await take(), text).toBe(true);
      leave(text);
      expect(await take(), `${text} fresh`).toBe(false);
      rmSync(lock);
    }
  });

  it("of another machine, or of one that hangs, after longer than any write takes", async () => {
    leave({ ...us, host: "elsewhere", pid: gone() });
    expect(await take()).toBe(false);
    leave({ ...us, host: "elsewhere" }, 31_000);
    expect(await take()).toBe(true);
    leave(us, 31_000);
    expect(await take()).toBe(true);
  });

  it("by one of many only", async () => {
    leave({ ...us, pid: gone() });
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside--;
    };
    await Promise.all(Array.from({ length: 30 }, () => withFileLock(lock, work)));
    expect(most).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe("a lock that is held", () => {
  it("keeps others out, and says who holds it", async () => {
    leave(us);
    await expect(withFileLock(lock, async () => 1, { waitMs: 100 })).rejects.toThrow(
      `is held by process ${process.pid}`,
    );
  });

  it("that cannot be removed ends in an error, not in waiting for ever", async () => {
    leave({ ...us, pid: gone() });
    // Whoever breaks a lock needs this; a folder in its place is like a disk that is read-only.
    mkdirSync(`${lock}.break`);
    const began = Date.now();
    expect(await take(200)).toBe(false);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("is given back when the work fails", async () => {
    await expect(
      withFileLock(lock, async () => {
        throw new Error("work");
      }),
    ).rejects.toThrow("work");
    expect(readdirSync(dir)).toEqual([]);
  });
});
