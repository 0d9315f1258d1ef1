import type { ProviderConfig } from "../../../storage/types.ts";

/** Gives a provider its keys; lists that are empty are left out. */
export function setKeys(provider: ProviderConfig, keys: string[], disabledKeys: string[]): void {
  if (keys.length > 0) provider.keys = keys;
  else delete provider.keys;
  if (disabledKeys.length > 0) provider.disabledKeys = disabledKeys;
  else delete provider.disabledKeys;
}
