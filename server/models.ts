import type { ModelInfo } from "../adapters/unified.ts";
import { GatewayError } from "../adapters/errors.ts";
import { isGlob, matchesGlob } from "../routing/glob.ts";
import type { ProviderConfig, ToolsMode } from "../storage/types.ts";
import type { Deps } from "./deps.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { callProvider } from "./provider-client.ts";
import { withConfigured } from "./with-configured.ts";

/** What lists of models show: the aliases of a group, with the facts their first target's provider tells. */
export interface ModelDirectory {
  /** Aliases of the group; patterns are expanded where the provider's own list is known, and never shown as such. */
  list: (group: string) => Promise<ModelInfo[]>;
  /** One alias, with all that is known about it. Throws `not-found`. */
  find: (group: string, name: string) => Promise<ModelInfo>;
}

export function createModelDirectory(deps: Deps): ModelDirectory {
  const lists = new Map<string, { at: number; models: Promise<ModelInfo[]> }>();

  /** A provider's own list, kept for a minute. A provider that cannot be asked has none. */
  const providerModels = (providerId: string, provider: ProviderConfig): Promise<ModelInfo[]> => {
    const id = `${providerId}\n${provider.baseUrl}`;
    const known = lists.get(id);
    if (known && deps.now() - known.at < KEEP_MS) return known.models;
    const models = fetchList(deps, providerId, provider).catch((): ModelInfo[] => []);
    lists.set(id, { at: deps.now(), models });
    return models;
  };

  return {
    async list(groupName) {
      const { name, aliases } = deps.router().group(groupName);
      const found = new Map<string, ModelInfo>();
      const add = (model: ModelInfo): void => {
        if (!found.has(model.id.toLowerCase())) found.set(model.id.toLowerCase(), model);
      };
      const infos = await Promise.all(
        aliases.exact.map((alias) => describeAlias(deps, name, alias, providerModels)),
      );
      for (const info of infos) add(info);
      const expanded = await Promise.all(
        aliases.globs.map((glob) => expand(deps, name, glob, providerModels)),
      );
      for (const model of expanded.flat()) add(model);
      return [...found.values()];
    },
    async find(groupName, name) {
      const router = deps.router();
      const group = router.group(groupName);
      const [first] = router.targets(group.name, name);
      if (!first)
        throw new GatewayError("not-found", `model '${name}' not found`, {
          code: "model_not_found",
          param: name,
        });
      const listed = await describeAlias(deps, group.name, name, providerModels);
      const described = await describe(deps, first).catch(() => undefined);
      // A pattern takes any name: what the provider's own, whole list does not have, is not there.
      const alias = group.aliases.find(name);
      if (!described && alias !== undefined && isGlob(alias) && first.model === name) {
        const models = await providerModels(first.providerId, first.provider);
        if (models.length && !models.some((model) => sameModel(model.id, name))) {
          const message = `model '${name}' not found: provider '${first.providerId}' does not list it`;
          throw new GatewayError("not-found", message, { code: "model_not_found", param: name });
        }
      }
      return complete({ ...listed, ...described, id: listed.id }, first);
    },
  };
}

type ListModels = (providerId: string, provider: ProviderConfig) => Promise<ModelInfo[]>;

/** An alias under its own name, with the facts of its first target. */
async function describeAlias(
  deps: Deps,
  group: string,
  alias: string,
  listModels: ListModels,
): Promise<ModelInfo> {
  const [target] = tryTargets(deps, group, alias);
  if (!target) return { id: alias };
  const models = await listModels(target.providerId, target.provider);
  const facts = models.find((model) => sameModel(model.id, target.model));
  return complete({ ...facts, id: alias, ownedBy: facts?.ownedBy ?? target.providerId }, target);
}

/** The names a pattern stands for: those of the provider's list that it matches and that reach their own model. */
async function expand(deps: Deps, group: string, glob: string, listModels: ListModels): Promise<ModelInfo[]> {
  const [target] = tryTargets(deps, group, glob);
  if (target?.model !== glob) return [];
  const models = await listModels(target.providerId, target.provider);
  return models
    .filter((model) => matchesGlob(glob, model.id))
    .map((model) =>
      complete({ ...model, ownedBy: model.ownedBy ?? target.providerId }, { ...target, model: model.id }),
    );
}

interface Target {
  provider: ProviderConfig;
  model: string;
  tools: ToolsMode;
}

const complete = (info: ModelInfo, target: Target): ModelInfo =>
  withTools(withConfigured(info, target), target);

/**
 * A model with the ability to call tools where compat mode teaches it to: clients hide models that do not name it. One
 * that nobody has described, and is called like those for embeddings, makes just those.
 */
export function withTools(info: ModelInfo, target: { model: string; tools: ToolsMode }): ModelInfo {
  const { capabilities } = info;
  if (!capabilities?.length)
    return EMBEDDER.test(target.model) ? { ...info, capabilities: ["embedding"] } : info;
  const talks = capabilities.includes("completion") || !capabilities.includes("embedding");
  const taught = talks && target.tools !== "native" && !capabilities.includes("tools");
  return taught ? { ...info, capabilities: [...capabilities, "tools"] } : info;
}

function tryTargets(deps: Deps, group: string, model: string) {
  try {
    return deps.router().targets(group, model);
  } catch {
    return [];
  }
}

async function fetchList(deps: Deps, providerId: string, provider: ProviderConfig): Promise<ModelInfo[]> {
  if (provider.models) return provider.models.map((id) => ({ id }));
  const adapter = findProviderAdapter(deps.adapters, { providerId, provider });
  const body = await ask(deps, providerId, provider, adapter.provider.models.list);
  return adapter.provider.models.parseList(body);
}

async function describe(
  deps: Deps,
  target: { providerId: string; provider: ProviderConfig; model: string },
): Promise<ModelInfo | undefined> {
  const { models } = findProviderAdapter(deps.adapters, target).provider;
  if (!models.describe || !models.parseDescription) return undefined;
  const body = await ask(deps, target.providerId, target.provider, models.describe(target.model));
  return models.parseDescription(body, target.model);
}

function ask(
  deps: Deps,
  providerId: string,
  provider: ProviderConfig,
  wire: Parameters<typeof callProvider>[0]["wire"],
) {
  const adapter = findProviderAdapter(deps.adapters, { providerId, provider });
  const call = { adapter, provider, key: provider.keys?.[0], wire, timeoutMs: LIST_TIMEOUT_MS };
  return callProvider(call, deps.upstream, deps.storage);
}

/** Ollama lists `qwen3:latest` for what one asks for as `qwen3`; Gemini lists `models/x`. */
const sameModel = (listed: string, asked: string): boolean => bare(listed) === bare(asked);
const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^models\//, "")
    .replace(/:latest$/, "");

const EMBEDDER = /embed/i;
const KEEP_MS = 60_000;
// Home Assistant and Raycast wait ten seconds for the list as a whole.
const LIST_TIMEOUT_MS = 5_000;
