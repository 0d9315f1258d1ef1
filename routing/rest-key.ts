import type { GatewayError } from "../adapters/errors.ts";
import type { Cooldowns } from "./cooldown.ts";

/**
 * Rests a provider key after a failure: for as long as the provider says, or for a growing while where the failure is
 * about the key. A provider that fails by itself rests no key: the next request may find it well again.
 */
export function restKey(cooldowns: Cooldowns, keyName: string, error: GatewayError): void {
  if (error.retryAfterMs !== undefined) cooldowns.rest(keyName, error.retryAfterMs);
  else if (error.kind === "rate-limit" || error.kind === "upstream-auth") cooldowns.failed(keyName);
}
