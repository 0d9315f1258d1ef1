import { stat } from "node:fs/promises";
import { ok, warn, type Check } from "../check.ts";

export const logSize: Check = {
  id: "log-size",
  title: "The log is not too large",
  fix: "ccproxy restart: the background daemon keeps its log below 10 MB; or remove the file",
  async run({ home }) {
    const size = (await stat(home.logFile).catch(() => undefined))?.size ?? 0;
    const message = `${home.logFile} has ${Math.round(size / MB)} MB`;
    return size > 50 * MB ? warn(message) : ok(size === 0 ? "there is none yet" : message);
  },
};

const MB = 1024 * 1024;
