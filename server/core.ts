import { createDeps, type DepsOptions } from "./create-deps.ts";
import { keepState } from "./keep-state.ts";
import { createListener, type Listener } from "./listener.ts";
import { stayYoung } from "./stay-young.ts";

export interface Core {
  listener: Listener;
  /** Writes what a restart must not forget, and ends every connection to a provider. */
  close: () => Promise<void>;
}

/** Everything that answers requests, with what the daemon before this one knew. Loaded when the first one comes. */
export async function createCore(options: DepsOptions): Promise<Core> {
  stayYoung();
  const deps = createDeps(options);
  // One process alone keeps what a restart must not forget.
  const kept = (options.oneOf ?? 1) > 1 ? undefined : keepState(deps);
  await kept?.load();
  deps.limits.load().catch(() => undefined);
  deps.notations.load().catch(() => undefined);
  return {
    listener: createListener(deps),
    async close() {
      deps.flushLog();
      deps.stopWatchingKeys();
      await deps.stored.settle();
      await kept?.flush();
      await deps.upstream.close();
    },
  };
}
