import { fail, ok, type Check } from "../check.ts";

export const daemonKeys: Check = {
  id: "daemon-keys",
  title: "The daemon has the keys that this shell has",
  fix: "ccproxy restart, from a shell where the variable is set",
  async run({ status, resolve }) {
    const told = await status();
    if (!told) return [];
    const missing = (told.providers ?? []).flatMap(({ missingKeys = [] }) => missingKeys);
    const here = missing.filter((key) => resolve(key) !== undefined);
    return here.length === 0
      ? ok("it has them")
      : fail(`set here, but not where the daemon runs: ${here.join(", ")}`);
  },
};
