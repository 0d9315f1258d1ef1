import { unlink } from "node:fs/promises";
import { isStaleLock } from "../../../storage/file-lock.ts";
import { ok, warn, type Check } from "../check.ts";

export const configLock: Check = {
  id: "config-lock",
  title: "No dead process holds the configuration's lock",
  fix: "ccproxy doctor --fix, or remove that file",
  async run({ home, system }) {
    const stale = await isStaleLock(`${home.configFile}.lock`, system.now());
    if (stale === undefined) return ok("free");
    return stale
      ? warn(`${home.configFile}.lock was left by a process that is gone`)
      : ok("held by a process at work");
  },
  async repair({ home, system }) {
    const path = `${home.configFile}.lock`;
    if (!(await isStaleLock(path, system.now()))) return [];
    await unlink(path);
    return [`removed ${path}`];
  },
};
