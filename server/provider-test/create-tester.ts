import { adapters } from "../../adapters/index.ts";
import type { Storage } from "../../storage/types.ts";
import { createUpstream, type UpstreamOptions } from "../upstream.ts";
import type { ProviderReport } from "./step.ts";
import { testProvider, type ProviderTest } from "./test-provider.ts";

export interface Tester {
  test: (test: ProviderTest) => Promise<ProviderReport>;
  close: () => Promise<void>;
}

/** Tests of providers outside the daemon, by its own ways of asking them. */
export function createTester(storage: Storage, options: UpstreamOptions = {}): Tester {
  const upstream = createUpstream(options);
  const deps = { adapters, upstream, storage, config: () => storage.config.current, lookup: options.lookup };
  return { test: (test) => testProvider(test, deps), close: () => upstream.close() };
}
