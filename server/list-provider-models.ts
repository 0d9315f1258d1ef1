import { adapters } from "../adapters/index.ts";
import type { ModelInfo } from "../adapters/unified.ts";
import type { ProviderConfig, Storage } from "../storage/types.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { callProvider } from "./provider-client.ts";
import { createUpstream } from "./upstream.ts";
import { hideSecrets } from "./hide-secrets.ts";

/** What a provider says it serves, asked now, outside the daemon. Throws what the provider answers instead. */
export async function listProviderModels(
  storage: Storage,
  providerId: string,
  provider: ProviderConfig,
): Promise<ModelInfo[]> {
  const upstream = createUpstream({});
  try {
    const adapter = findProviderAdapter(adapters, { providerId, provider });
    const { list, parseList } = adapter.provider.models;
    const call = { adapter, provider, key: provider.keys?.[0], wire: list, timeoutMs: LIST_TIMEOUT_MS };
    return parseList(await callProvider(call, upstream, storage));
  } catch (error) {
    throw new Error(hideSecrets(storage, error instanceof Error ? error.message : String(error)), {
      cause: error,
    });
  } finally {
    await upstream.close();
  }
}

const LIST_TIMEOUT_MS = 10_000;
