import { ConfigRefused } from "./config-refused.ts";
import { toMessage } from "./config.ts";
import { withDefaults } from "./config-defaults.ts";
import type { Config, ConfigStore } from "./types.ts";

/** A configuration without a file: changes are checked like those of a file. */
export function createMemoryConfig(initial: Partial<Config>): ConfigStore {
  const listeners = new Set<Parameters<ConfigStore["onChange"]>[0]>();
  let current = withDefaults({ ...initial });
  let last: Promise<unknown> = Promise.resolve();
  const change = async (mutate: (draft: Config) => void): Promise<void> => {
    const draft = structuredClone(current);
    mutate(draft);
    const { readConfig } = await import("./read-config.ts");
    const { config, problems } = await readConfig(JSON.stringify(draft));
    if (!config) throw new ConfigRefused(toMessage(problems), problems);
    current = config;
    for (const listener of listeners) listener({ config });
  };
  return {
    file: "(memory)",
    get current() {
      return current;
    },
    problem: undefined,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    update(mutate) {
      const done = last.then(() => change(mutate));
      last = done.catch(() => undefined);
      return done;
    },
    reload: async () => undefined,
  };
}
