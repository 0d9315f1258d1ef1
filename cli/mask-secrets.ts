import { isSecretName } from "../storage/is-secret-name.ts";
import { maskUrl } from "../storage/mask-url.ts";
import type { ProviderConfig } from "../storage/types.ts";

/** A provider as it may be shown: references stay, literal secrets do not. */
export function maskSecrets(provider: ProviderConfig): ProviderConfig {
  return {
    ...provider,
    baseUrl: maskUrl(provider.baseUrl),
    ...(provider.proxy !== undefined && { proxy: maskUrl(provider.proxy) }),
    ...(provider.keys && { keys: provider.keys.map(maskKey) }),
    ...(provider.disabledKeys && { disabledKeys: provider.disabledKeys.map(maskKey) }),
    ...(provider.headers && { headers: maskFields(provider.headers) }),
    ...(provider.params && { params: maskFields(provider.params) }),
  };
}

/** The last four letters tell one key from another, and help nobody else. */
export function maskKey(key: string): string {
  if (key.startsWith("env:") || key.startsWith("file:")) return key;
  return key.length < 16 ? "****" : `****${key.slice(-4)}`;
}

/** Of any fields, the texts below a name that says secret. */
export function maskFields<T>(value: T): T {
  return mask(value, false) as T;
}

function mask(value: unknown, isSecret: boolean): unknown {
  if (typeof value === "string") return isSecret ? "****" : value;
  if (Array.isArray(value)) return value.map((member) => mask(member, isSecret));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mask(member, isSecret || isSecretName(name))]),
  );
}
