import { createAliasIndex } from "../routing/find-alias.ts";
import type { Candidate } from "../routing/router.ts";
import type { Capability } from "../storage/types.ts";
import type { Deps } from "./deps.ts";
import { isDemo } from "./native-target.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { callProvider } from "./provider-client.ts";

export type Target = Pick<Candidate, "providerId" | "provider" | "model" | "key">;

export interface KnownLacks {
  lacks: ReadonlySet<Capability>;
  /** The configuration says so, not the provider: it holds whatever the client's protocol is. */
  configured: boolean;
}

/** What models are known to lack before they are asked for it. */
export interface ModelFeatures {
  /**
   * By the provider's configuration, else by what its Ollama says of the model, else by the model's name. Never throws.
   * An Ollama is asked at most once in ten minutes for a model, and waited for only briefly.
   */
  find: (target: Target) => Promise<KnownLacks>;
}

export function createModelFeatures(
  deps: Pick<Deps, "adapters" | "upstream" | "storage" | "now">,
): ModelFeatures {
  const asked = new Map<string, { at: number; words: Promise<readonly string[] | undefined> }>();

  /** Ollama's words for what a model can do; undefined where it cannot say. */
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
      const given = readConfigured(target);
      if (given) return { lacks: new Set(ALL.filter((word) => !given.includes(word))), configured: true };
      if (provider.protocol !== "ollama" || isDemo(provider)) return NOTHING;
      const words = await ask(target);
      // Ollama has a JSON mode for every model.
      if (words)
        return {
          lacks: new Set(ALL.filter((word) => word !== "json" && !words.includes(word))),
          configured: false,
        };
      return TOOLLESS.test(model) ? { lacks: new Set(["tools"]), configured: false } : NOTHING;
    },
  };
}

/** An exact name wins over patterns, of those the most specific. */
function readConfigured({ provider, model }: Target): readonly Capability[] | undefined {
  const { capabilities } = provider;
  if (!capabilities) return undefined;
  const name = createAliasIndex(Object.keys(capabilities)).find(model);
  return name === undefined ? undefined : capabilities[name];
}

async function describe(
  deps: Pick<Deps, "adapters" | "upstream" | "storage">,
  target: Target,
): Promise<readonly string[] | undefined> {
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

/**
 * Models of Ollama's library whose templates never had tools, for Ollamas before 0.6.4, which do not list abilities.
 * Under a user's name (`someone/gemma3-tools`) a template of its own may have them.
 */
const TOOLLESS =
  /^(?:library\/)?(?:gemma[23]?|codegemma|llama2|llama2-uncensored|codellama|vicuna|llava|phi|phi3|phi3\.5|tinyllama|orca-mini)(?::|$)/i;

const KEEP_MS = 10 * 60_000;
const WAIT_MS = 1500;
const MAX_KEPT = 1000;
