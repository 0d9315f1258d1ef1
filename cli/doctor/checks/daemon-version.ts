import { VERSION } from "../../../server/version.ts";
import { ok, warn, type Check } from "../check.ts";

export const daemonVersion: Check = {
  id: "daemon-version",
  title: "The daemon is as new as this program",
  fix: "ccproxy restart",
  async run({ daemon }) {
    const running = await daemon();
    if (!running) return [];
    return running.version === VERSION
      ? ok(VERSION)
      : warn(`the daemon is ${running.version || "of an unknown version"}, this program ${VERSION}`);
  },
};
