import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fail, ok, warn, type Check } from "../check.ts";

export const diskSpace: Check = {
  id: "disk-space",
  title: "There is room on the disk",
  fix: "make room: settings and usage cannot be written on a full disk",
  run({ home, system }) {
    const folder = existsSync(home.dir) ? home.dir : dirname(home.dir);
    const free = system.freeBytes(folder);
    if (free === undefined) return ok("the system does not tell");
    const message = `${Math.round(free / MB)} MB free in ${folder}`;
    if (free < 10 * MB) return fail(message);
    return free < 200 * MB ? warn(message) : ok(message);
  },
};

const MB = 1024 * 1024;
