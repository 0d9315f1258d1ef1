import { unlink } from "node:fs/promises";
import { askHealth } from "../../daemon.ts";
import { fail, ok, warn, type Check } from "../check.ts";

export const daemonRunning: Check = {
  id: "daemon-running",
  title: "The daemon runs and answers",
  fix: "ccproxy start",
  async run({ daemon, recorded, home }) {
    const running = await daemon();
    if (!running) {
      return (await recorded())
        ? warn(`${home.pidFile} names a process that is gone: the daemon was killed`)
        : warn("not running");
    }
    return (await askHealth(running.url))?.pid === running.pid
      ? ok(`${running.url} (pid ${running.pid})`)
      : fail(
          `process ${running.pid} lives, but does not answer on ${running.url}`,
          "ccproxy restart; 'ccproxy logs' shows what it did",
        );
  },
  async repair({ daemon, recorded, home }) {
    if ((await daemon()) || !(await recorded())) return [];
    await unlink(home.pidFile);
    return [`removed ${home.pidFile}`];
  },
};
