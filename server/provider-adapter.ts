import type { Adapter } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { ProviderConfig } from "../storage/types.ts";

/** The adapter that speaks a provider's protocol. */
export function findProviderAdapter(
  adapters: readonly Adapter[],
  target: { providerId: string; provider: ProviderConfig },
): Adapter {
  const found = adapters.find((adapter) => adapter.protocol === target.provider.protocol);
  if (found) return found;
  const known = adapters.map((adapter) => adapter.protocol).join(", ");
  throw new GatewayError(
    "unavailable",
    `provider '${target.providerId}' has the unknown protocol '${target.provider.protocol}': expected ${known}`,
  );
}
