import type { Strategy, TargetConfig } from "../../storage/types.ts";
import { KNOWN_PROVIDERS } from "../provider/known-providers.ts";
import { addProvider, createImported, toBaseUrl, toKey, type Imported } from "./imported.ts";
import { asList, isTable, type Path, type Source } from "./source.ts";

/** LiteLLM's `config.yaml`: model_list with its deployments, router and fallback settings. */
export function fromLitellm(source: Source): Imported {
  const imported = createImported();
  const root = isTable(source.root) ? source.root : {};
  const targets = new Map<string, TargetConfig[]>();
  for (const [at, given] of asList(root.model_list).entries())
    readModel(given, ["model_list", at], { source, imported, targets });
  for (const [alias, list] of targets) imported.models[alias] = list;
  for (const section of ["router_settings", "litellm_settings", "general_settings"])
    if (isTable(root[section])) readSettings(root[section], section, { source, imported, targets });
  if (isTable(root.environment_variables))
    for (const name of Object.keys(root.environment_variables))
      source.attention(["environment_variables", name], "set it where the daemon starts");
  return imported;
}

interface Reading {
  source: Source;
  imported: Imported;
  targets: Map<string, TargetConfig[]>;
}

function readModel(given: unknown, path: Path, { source, imported, targets }: Reading): void {
  const params = isTable(given) && isTable(given.litellm_params) ? given.litellm_params : undefined;
  if (!isTable(given) || !params || typeof given.model_name !== "string" || typeof params.model !== "string")
    return source.attention(path, "needs a model_name and litellm_params.model");
  const at = [...path, "litellm_params"];
  const place = toPlace(params);
  if (!place)
    return source.attention(path, `"${params.model}" is of a kind that needs more than an address and a key`);
  const key = toKey(params.api_key) ?? (place.variable === undefined ? undefined : `env:${place.variable}`);
  const limits = {
    ...(typeof params.rpm === "number" && { requestsPerMinute: params.rpm }),
    ...(typeof params.tpm === "number" && { tokensPerMinute: params.tpm }),
  };
  const id = addProvider(imported, {
    id: place.id,
    protocol: place.protocol,
    baseUrl: place.baseUrl,
    ...(key !== undefined && { key }),
    ...(Object.keys(limits).length > 0 && { limits }),
  });
  const body = Object.fromEntries(Object.entries(params).filter(([name]) => SAMPLING.has(name)));
  const weight = typeof params.weight === "number" && params.weight > 0 ? params.weight : undefined;
  const name = `${id}/${place.model}`;
  const hasFields = Object.keys(body).length > 0 || weight !== undefined;
  const target = hasFields
    ? {
        target: name,
        ...(weight !== undefined && { weight }),
        ...(Object.keys(body).length > 0 && { params: body }),
      }
    : name;
  targets.set(given.model_name, [...(targets.get(given.model_name) ?? []), target]);
  source.mapped([...path, "model_name"], `alias ${given.model_name}, to ${name}`);
  for (const field of Object.keys(params)) {
    if (TAKEN.has(field)) source.mapped([...at, field], field === "model" ? name : `provider ${id}`);
    else if (SAMPLING.has(field)) source.mapped([...at, field], "params of the target");
    else if (field === "weight" && weight !== undefined)
      source.mapped([...at, field], "weight of the target");
    else if (field === "rpm" || field === "tpm")
      source.mapped([...at, field], `limits of every key of ${id}`);
    else if (field === "timeout" && typeof params.timeout === "number" && imported.providers[id]) {
      imported.providers[id].timeouts = { total: Math.round(params.timeout * 1000) };
      source.mapped([...at, field], `timeouts.total of ${id}`);
    }
  }
}

interface Place {
  id: string;
  protocol: string;
  baseUrl: string;
  model: string;
  variable?: string;
}

/** `provider/model`, and where that is. */
function toPlace({ model, api_base: base }: Record<string, unknown>): Place | undefined {
  const text = String(model);
  const slash = text.indexOf("/");
  const prefix = slash === -1 ? guess(text) : text.slice(0, slash);
  const rest = slash === -1 ? text : text.slice(slash + 1);
  const id = ALIASES[prefix] ?? prefix;
  const known = KNOWN_PROVIDERS.find((provider) => provider.id === id);
  const address =
    typeof base === "string" && base !== "" && !base.startsWith("os.environ/") ? toBaseUrl(base) : undefined;
  if (FOREIGN.has(prefix) || (typeof base === "string" && base.startsWith("os.environ/"))) return undefined;
  if (!known && address === undefined) return undefined;
  const isCustom =
    address !== undefined && known !== undefined && new URL(known.baseUrl).host !== hostOf(address);
  return {
    // A server of one's own that speaks a known protocol is called after its host.
    id: isCustom && known.local !== true ? hostOf(address) : id,
    protocol: known?.protocol ?? "openai",
    baseUrl: address ?? known?.baseUrl ?? "",
    model: rest,
    ...(address === undefined && known?.keys[0] !== undefined && { variable: known.keys[0] }),
  };
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);

const guess = (model: string): string =>
  model.startsWith("claude") ? "anthropic" : model.startsWith("gemini") ? "gemini" : "openai";

function readSettings(
  settings: Record<string, unknown>,
  section: string,
  { source, imported, targets }: Reading,
): void {
  for (const [field, value] of Object.entries(settings)) {
    const path = [section, field];
    if (field === "routing_strategy") {
      const strategy = STRATEGIES[String(value)];
      if (strategy) {
        imported.strategy = strategy;
        source.mapped(path, `strategy ${strategy}`);
      } else source.attention(path, `"${String(value)}" is none of ours; see 'strategy' of a group`);
    } else if (field === "fallbacks" || field === "context_window_fallbacks") {
      addFallbacks(value, path, { source, imported, targets });
      if (field === "context_window_fallbacks") imported.contextOverflow = true;
    } else if (field === "model_group_alias" && isTable(value)) {
      for (const [alias, model] of Object.entries(value)) {
        const list = targets.get(String(isTable(model) ? model.model : model));
        if (!list) source.attention([...path, alias], "names no model of the list");
        else {
          imported.models[alias] = list;
          source.mapped([...path, alias], `alias ${alias}`);
        }
      }
    } else if (BY_HAND[field] !== undefined) source.attention(path, BY_HAND[field]);
    else if (BY_ITSELF[field] !== undefined) source.mapped(path, BY_ITSELF[field]);
  }
}

/** `[{ "gpt-4": ["claude"] }]`: the others' targets behind its own, in this order. */
function addFallbacks(value: unknown, path: Path, { source, imported, targets }: Reading): void {
  for (const [at, one] of asList(value).entries())
    for (const [alias, others] of Object.entries(isTable(one) ? one : {})) {
      const own = targets.get(alias);
      const more = asList(others).flatMap((name) => targets.get(String(name)) ?? []);
      if (!own || more.length === 0) source.attention([...path, at, alias], "names no models of the list");
      else {
        imported.models[alias] = { targets: [...own, ...more], strategy: "priority" };
        source.mapped([...path, at, alias], `${alias} asks these when its own fail`);
      }
    }
}

const TAKEN = new Set(["model", "api_key", "api_base"]);
const SAMPLING = new Set([
  "temperature",
  "top_p",
  "max_tokens",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "reasoning_effort",
]);
/** What they call it → its name among ours. */
const ALIASES: Record<string, string> = {
  ollama_chat: "ollama",
  together_ai: "together",
  fireworks_ai: "fireworks",
  hosted_vllm: "vllm",
  lm_studio: "lmstudio",
  nvidia_nim: "nvidia",
  dashscope: "qwen",
  custom_openai: "openai",
  text_completion_openai: "openai",
  google: "gemini",
};
/** Need signatures or addresses of their own. */
const FOREIGN = new Set([
  "azure",
  "azure_ai",
  "bedrock",
  "sagemaker",
  "vertex_ai",
  "watsonx",
  "replicate",
  "cohere",
]);
const STRATEGIES: Record<string, Strategy> = {
  "simple-shuffle": "round-robin",
  "latency-based-routing": "least-latency",
  "least-busy": "round-robin",
};
const BY_HAND: Record<string, string> = {
  master_key: "clients' keys are made here: 'ccproxy key add <name>'",
  database_url: "keys and usage are kept in ccproxy's own folder",
  callbacks: "programs of their own; GET /metrics and the request log tell what happens",
  success_callback: "programs of their own; GET /metrics and the request log tell what happens",
  failure_callback: "programs of their own; GET /metrics and the request log tell what happens",
};
const BY_ITSELF: Record<string, string> = {
  drop_params: "what a provider does not know is left out, and told in x-ccproxy-warning",
  num_retries: "failures are tried again elsewhere by themselves",
  allowed_fails: "who fails rests by itself",
  cooldown_time: "rests grow by themselves",
};
