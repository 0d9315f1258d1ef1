import { GatewayError } from "../adapters/errors.ts";
import type { Config, ConfigStore } from "../storage/types.ts";
import type { RunningRequests } from "./running.ts";

/**
 * Ends the requests under way whose client key is removed, switched off or changed into another. New requests look at
 * the configuration themselves. Returns the end of watching.
 */
export function watchKeys(
  config: Pick<ConfigStore, "current" | "onChange">,
  running: RunningRequests,
): () => void {
  let { keys } = config.current;
  return config.onChange(({ config: { keys: now } }) => {
    for (const { keyId, stop } of running.all()) {
      if (keyId === undefined || (isGood(now, keyId) && now[keyId]?.hash === keys[keyId]?.hash)) continue;
      stop(new GatewayError("authentication", "the client key of this request is no longer accepted"));
    }
    keys = now;
  });
}

const isGood = (keys: Config["keys"], id: string): boolean =>
  Object.hasOwn(keys, id) && keys[id]?.enabled !== false;
