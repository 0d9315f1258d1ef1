import type { ProviderConfig } from "../storage/types.ts";

/** A provider as it may be shown: references stay, literal secrets do not. */
export function maskSecrets(provider: ProviderConfig): ProviderConfig {
  return {
    ...provider,
    baseUrl: maskUrl(provider.baseUrl),
    ...(provider.proxy !== undefined && { proxy: maskUrl(provider.proxy) }),
    ...(provider.keys && { keys: provider.keys.map(maskKey) }),
    ...(provider.headers && { headers: maskFields(provider.headers) as Record<string, string> }),
    ...(provider.params && { params: maskFields(provider.params) as Record<string, unknown> }),
  };
}

/** The last four letters tell one key from another, and help nobody else. */
export function maskKey(key: string): string {
  if (key.startsWith("env:") || key.startsWith("file:")) return key;
  return key.length < 16 ? "****" : `****${key.slice(-4)}`;
}

function maskUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === "" && url.password === "" && url.search === "") return text;
  url.username = url.username && "****";
  url.password = url.password && "****";
  for (const name of url.searchParams.keys()) if (SECRET.test(name)) url.searchParams.set(name, "****");
  return url.href;
}

function maskFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskFields);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET.test(name) && typeof member === "string" ? "****" : maskFields(member),
    ]),
  );
}

const SECRET = /auth|key|token|secret|cookie|password|credential/i;
