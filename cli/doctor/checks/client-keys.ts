import { ok, warn, type Check } from "../check.ts";

export const clientKeys: Check = {
  id: "client-keys",
  title: "No client key is at its end",
  fix: "ccproxy key edit <id> --expires <date>, or remove it",
  async run({ config, system }) {
    const keys = Object.entries((await config()).keys);
    if (keys.length === 0) return ok("none exist: callers on this machine need none");
    const over = keys.filter(
      ([, { expiresAt }]) => expiresAt !== undefined && Date.parse(expiresAt) <= system.now(),
    );
    return over.length === 0
      ? ok(keys.length === 1 ? "1 key" : `${keys.length} keys`)
      : warn(`no longer taken: ${over.map(([id, { name }]) => `${id} (${name})`).join(", ")}`);
  },
};
