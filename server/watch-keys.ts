import { GatewayError } from "../adapters/errors.ts";
import type { Config, ConfigStore } from "../storage/types.ts";

/** Requests that run on a client key, so that they end when the key does. */
export interface KeyWatch {
  /** `stop` is called once, when the key is removed, switched off or changed into another. Returns the end of watching. */
  track: (keyId: string, stop: (error: GatewayError) => void) => () => void;
  close: () => void;
}

/** New requests look at the configuration themselves; this is for those that had been let in before it changed. */
export function createKeyWatch(config: Pick<ConfigStore, "current" | "onChange">): KeyWatch {
  const running = new Map<string, Set<(error: GatewayError) => void>>();
  let keys = config.current.keys;
  const close = config.onChange(({ config: { keys: now } }) => {
    for (const [id, stops] of running) {
      if (isGood(now, id) && now[id]?.hash === keys[id]?.hash) continue;
      running.delete(id);
      for (const stop of stops)
        stop(new GatewayError("authentication", "the client key of this request is no longer accepted"));
    }
    keys = now;
  });
  return {
    track(keyId, stop) {
      const stops = running.get(keyId) ?? new Set();
      running.set(keyId, stops.add(stop));
      return () => {
        stops.delete(stop);
        if (stops.size === 0 && running.get(keyId) === stops) running.delete(keyId);
      };
    },
    close,
  };
}

const isGood = (keys: Config["keys"], id: string): boolean =>
  Object.hasOwn(keys, id) && keys[id]?.enabled !== false;
