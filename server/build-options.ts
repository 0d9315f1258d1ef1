import type { BuildOptions } from "../adapters/adapter.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { ProviderConfig } from "../storage/types.ts";

/**
 * What an adapter is told of the provider it writes for and reads from: always the same object for the same provider,
 * so that adapters can remember what follows from it.
 */
export function toBuildOptions(
  { providerId, provider }: Pick<Candidate, "providerId" | "provider">,
  { rawText = false }: { rawText?: boolean } = {},
): BuildOptions {
  const known = rawText ? RAW : PLAIN;
  const found = known.get(provider);
  if (found?.provider?.id === providerId) return found;
  const options = {
    quirks: provider.quirks,
    provider: { id: providerId, baseUrl: provider.baseUrl },
    ...(rawText && { rawText }),
  };
  known.set(provider, options);
  return options;
}

const PLAIN = new WeakMap<ProviderConfig, BuildOptions>();
const RAW = new WeakMap<ProviderConfig, BuildOptions>();
