import type { RawConfig } from "../storage/config-defaults.ts";
import type { GroupConfig, KeyConfig, ProviderConfig } from "../storage/types.ts";
import { maskGroup } from "./mask-group.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** A configuration as it may be shown: references stay, secrets do not. */
export function maskConfig(config: RawConfig): RawConfig {
  const { providers, groups, keys } = config;
  return {
    ...config,
    ...(isTable(providers) && {
      providers: mapValues(providers as Record<string, ProviderConfig>, maskSecrets),
    }),
    ...(isTable(groups) && { groups: mapValues(groups as Record<string, GroupConfig>, maskGroup) }),
    ...(isTable(keys) && { keys: mapValues(keys as Record<string, KeyConfig>, withoutHash) }),
  };
}

const withoutHash = (key: KeyConfig): KeyConfig => ({ ...key, hash: "****" });

const mapValues = <T, U>(table: Record<string, T>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, change(value)]));

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
