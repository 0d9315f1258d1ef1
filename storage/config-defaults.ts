import type { Config } from "./types.ts";

/** What a configuration file says, unknown fields included. */
export type RawConfig = Record<string, unknown>;

/** The configuration that a file's content means, with everything that must be there. */
export function withDefaults(raw: RawConfig): Config {
  const given = structuredClone(raw) as Partial<Config>;
  return {
    ...given,
    server: { ...SERVER_DEFAULTS, ...given.server },
    providers: given.providers ?? {},
    groups: given.groups ?? {},
    activeGroup: given.activeGroup ?? "default",
    keys: given.keys ?? {},
  };
}

/** The inverse: what belongs into the file, so that a default is not nailed down by an unrelated change. */
export function withoutDefaults(config: Config, before: RawConfig): RawConfig {
  const { server, providers, groups, activeGroup, keys, ...rest } = structuredClone(config) as Config &
    RawConfig;
  const had = (before["server"] ?? {}) as Record<string, unknown>;
  const kept = Object.entries(server).filter(
    ([name, value]) =>
      Object.hasOwn(had, name) || SERVER_DEFAULTS[name as keyof typeof SERVER_DEFAULTS] !== value,
  );
  const fields: [string, unknown, boolean][] = [
    ["server", Object.fromEntries(kept), kept.length === 0],
    ["providers", providers, Object.keys(providers).length === 0],
    ["groups", groups, Object.keys(groups).length === 0],
    ["activeGroup", activeGroup, activeGroup === "default"],
    ["keys", keys, Object.keys(keys).length === 0],
  ];
  const values = new Map<string, unknown>(Object.entries(rest));
  for (const [name, value, isDefault] of fields) {
    if (!isDefault || Object.hasOwn(before, name)) values.set(name, value);
  }
  // Known fields keep the order in which the file has them; new ones come in the order of the documentation.
  const order = [...Object.keys(before), ...fields.map(([name]) => name)];
  const names = [...new Set([...order, ...values.keys()])].filter((name) => values.has(name));
  return Object.fromEntries(names.map((name) => [name, values.get(name)]));
}

const SERVER_DEFAULTS = { host: "127.0.0.1", port: 11_434, ollamaOpen: true };
