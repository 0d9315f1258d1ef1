import { adapters } from "../adapters/index.ts";
import type { ProviderConfig } from "../storage/types.ts";
import { findProviderAdapter } from "./provider-adapter.ts";

/** Whether a provider keeps what it read of a conversation for the next turn. */
export function cachesPrompts(providerId: string, provider: ProviderConfig): boolean {
  const { provider: face } = findProviderAdapter(adapters, { providerId, provider });
  const { baseUrl, quirks } = provider;
  return face.cachesPrompts?.({ quirks, provider: { id: providerId, baseUrl } }) === true;
}
