import { createHealth } from "../routing/health.ts";
import { createLatency } from "../routing/latency.ts";
import { createRouter } from "../routing/router.ts";
import type { Storage } from "../storage/types.ts";
import { cachesPrompts } from "./caches-prompts.ts";
import { withDemo } from "./demo/config.ts";
import { explain, type Explained, type ExplainQuery } from "./explain.ts";
import { keepHealth } from "./keep-health.ts";

/** What a daemon that starts now would do: by the configuration as it is, and by who rested when the last one ended. */
export async function explainOffline(
  { config, state, resolveKey }: Pick<Storage, "config" | "state" | "resolveKey">,
  query: ExplainQuery,
): Promise<Explained> {
  const steady = (): number => performance.now();
  const health = createHealth(steady);
  await keepHealth(health, { state, providers: () => config.current.providers, now: Date.now }).load();
  const whole = withDemo(config.current);
  const router = createRouter(whole, { health, latency: createLatency(steady), cachesPrompts });
  return explain({ router, config: whole, resolveKey }, query);
}
