import type { WireRequest } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { Router } from "../routing/router.ts";
import type { ProviderConfig } from "../storage/types.ts";
import { authorise } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import { isDemo } from "./native-target.ts";
import { callProvider } from "./provider-client.ts";

/**
 * Asks the group's providers of the client's protocol, key by key, about something that one of them keeps under an id:
 * nothing tells which. Undefined where none of them knows it.
 */
export async function askOwner(exchange: Exchange, wire: WireRequest): Promise<unknown> {
  const { deps, adapter, principal, signal, entry } = exchange;
  const router = deps.router();
  const { name } = router.group(exchange.group);
  authorise(principal, name);
  let failure: GatewayError | undefined;
  for (const [providerId, provider] of findProviders(router, name)) {
    if (provider.protocol !== adapter.protocol || isDemo(provider)) continue;
    for (const key of provider.keys?.slice(0, MAX_KEYS) ?? [undefined]) {
      const call = { adapter, provider, key, wire, signal };
      try {
        const body = await callProvider(call, deps.upstream, deps.storage);
        Object.assign(entry, { group: name, target: providerId, via: "pass-through" });
        return body;
      } catch (error) {
        if (!(error instanceof GatewayError) || error.kind === "cancelled") throw error;
        // Another one may know it all the same.
        if (!isUnknown(error)) failure ??= error;
      }
    }
  }
  if (failure) throw failure;
  return undefined;
}

/** Does the provider not have it, or no such route at all? */
const isUnknown = ({ kind, upstreamStatus }: GatewayError): boolean =>
  kind === "not-found" || upstreamStatus === 405 || upstreamStatus === 501;

function findProviders(router: Router, group: string): Map<string, ProviderConfig> {
  const found = new Map<string, ProviderConfig>();
  for (const alias of Object.keys(router.group(group).config.models)) {
    for (const { providerId, provider } of targetsOf(router, group, alias)) found.set(providerId, provider);
  }
  return found;
}

/** None where all are switched off. */
function targetsOf(router: Router, group: string, alias: string) {
  try {
    return router.targets(group, alias);
  } catch {
    return [];
  }
}

const MAX_KEYS = 4;
