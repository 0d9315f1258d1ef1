import { ok, type Check, type Finding } from "../check.ts";

export const envKeys: Check = {
  id: "env-keys",
  title: "Every provider key has a value",
  fix: "set the variable (or fill the file), then: ccproxy restart",
  async run({ config, resolve, status }) {
    const providers = Object.entries((await config()).providers).filter(
      ([, { enabled }]) => enabled !== false,
    );
    const told = await status();
    const findings = providers.flatMap(([id, { keys = [] }]) => {
      const missing = keys.filter((key) => resolve(key) === undefined);
      const inDaemon = told?.providers?.find((provider) => provider.id === id)?.missingKeys;
      return missing.map((key): Finding => {
        if (inDaemon && !inDaemon.includes(key))
          return { outcome: "ok", message: `${id}: ${key} is set for the daemon, not in this shell` };
        const fix = key.startsWith("env:") ? `export ${key.slice(4)}=…, then: ccproxy restart` : undefined;
        const spare = keys.length > missing.length;
        return {
          outcome: spare ? "warn" : "fail",
          message: `${id}: ${key} has no value`,
          ...(fix && { fix }),
        };
      });
    });
    return findings.length > 0 ? findings : ok("all have one");
  },
};
