import type { Adapter } from "../adapters/adapter.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Capability, Storage } from "../storage/types.ts";
import { isDemo } from "./native-target.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { callProvider } from "./provider-client.ts";
import { readByModel } from "./read-by-model.ts";
import type { Upstream } from "./upstream.ts";

export type Target = Pick<Candidate, "providerId" | "provider" | "model" | "key">;

export interface KnownLacks {
  lacks: ReadonlySet<Capability>;
  /** The configuration says so, not the provider: it holds whatever the client's protocol is. */
  configured: boolean;
}

/** What models are known to lack before they are asked for it. */
export interface ModelFeatures {
  /**
   * By the provider's configuration, else by what the provider says of the model, else by the model's name. Never throws.
   * A provider is asked at most once in ten minutes for a model, and waited for only briefly.
   */
  find: (target: Target) => Promise<KnownLacks>;
}

interface FeatureDeps {
  adapters: readonly Adapter[];
  upstream: Upstream;
  storage: Storage;
  now: () => number;
}

export function createModelFeatures(deps: FeatureDeps): ModelFeatures {
  const asked = new Map<string, { at: number; words: Promise<readonly string[] | undefined> }>();

  /** What a model can do, in the provider's words; undefined where it cannot say. */
  const ask = (target: Target): Promise<readonly string[] | undefined> => {
    const id = `${target.providerId}\n${target.provider.baseUrl}\n${target.model}`;
    const known = asked.get(id);
    if (known && deps.now() - known.at < KEEP_MS) return known.words;
    asked.delete(id);
    const [oldest] = asked.keys();
    if (asked.size >= MAX_KEPT && oldest !== undefined) asked.delete(oldest);
    const words = describe(deps, target).catch(() => undefined);
    asked.set(id, { at: deps.now(), words });
    return words;
  };

  return {
    async find(target) {
      const { provider, model } = target;
      const given = readByModel(provider.capabilities, model);
      if (given) return { lacks: new Set(ALL.filter((word) => !given.includes(word))), configured: true };
      const known = deps.adapters.find(({ protocol }) => protocol === provider.protocol)?.provider.models;
      if (!known?.toLacks || isDemo(provider)) return NOTHING;
      const lacks = known.toLacks(model, await ask(target));
      return { lacks: new Set(ALL.filter((word) => lacks.includes(word))), configured: false };
    },
  };
}

async function describe(deps: FeatureDeps, target: Target): Promise<readonly string[] | undefined> {
  const { provider, key, model } = target;
  const adapter = findProviderAdapter(deps.adapters, target);
  const { models } = adapter.provider;
  if (!models.describe || !models.parseDescription) return undefined;
  const call = { adapter, provider, key, wire: models.describe(model), timeoutMs: WAIT_MS };
  const body = await callProvider(call, deps.upstream, deps.storage);
  const { capabilities } = models.parseDescription(body, model);
  return capabilities?.length ? capabilities : undefined;
}

const ALL: readonly Capability[] = ["tools", "vision", "thinking", "json"];
const NOTHING: KnownLacks = { lacks: new Set(), configured: false };

const KEEP_MS = 10 * 60_000;
const WAIT_MS = 1500;
const MAX_KEPT = 1000;
