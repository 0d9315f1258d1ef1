import type { RuleConfig, TargetConfig } from "../../storage/types.ts";
import { addProvider, createImported, toBaseUrl, toKey, type Imported } from "./imported.ts";
import type { Reading } from "./reading.ts";
import { asList, isTable, type Path, type Source } from "./source.ts";

/** claude-code-router's `config.json`: Providers with their transformers, and the Router. */
export function fromCcr(source: Source): Imported {
  const imported = createImported();
  const root = isTable(source.root) ? source.root : {};
  const names = new Map<string, string>();
  for (const listName of ["Providers", "providers"])
    for (const [at, given] of asList(root[listName]).entries())
      readProvider(given, [listName, at], { source, imported, names });
  readRouter(root, { source, imported, names });
  readRest(root, source, imported);
  return imported;
}

function readProvider(given: unknown, path: Path, { source, imported, names }: Reading): void {
  if (!isTable(given) || typeof given.api_base_url !== "string" || typeof given.name !== "string")
    return source.attention(path, "needs a name and api_base_url; add it with 'ccproxy provider add'");
  const uses = listUses(given.transformer);
  const protocol = toProtocol(
    given.api_base_url,
    uses.map(({ name }) => name),
    given,
  );
  const key = toKey(given.api_key);
  const models = asList(given.models).filter((model): model is string => typeof model === "string");
  const baseUrl = protocol === "ollama" ? new URL(given.api_base_url).origin : toBaseUrl(given.api_base_url);
  const id = addProvider(imported, {
    id: given.name,
    protocol,
    baseUrl,
    ...(key !== undefined && protocol !== "ollama" && { key }),
    ...(models.length > 0 && { models }),
  });
  names.set(given.name, id);
  source.mapped([...path, "name"], `provider ${id}, which speaks ${protocol}`);
  source.mapped([...path, "api_base_url"], `baseUrl ${baseUrl}`);
  if ("api_key" in given)
    source.mapped([...path, "api_key"], protocol === "ollama" ? "an Ollama needs no key" : "its key");
  if ("models" in given) source.mapped([...path, "models"], "its models");
  const provider = imported.providers[id];
  for (const { name, options, path: inner, model } of uses) {
    const at = [...path, "transformer", ...inner];
    const params = toParams(name, options);
    if (params && model === undefined && provider) {
      provider.params = { ...provider.params, ...params };
      source.mapped(at, `params of ${id}`);
    } else if (params)
      source.attention(at, `give the target ${id}/${model ?? ""} these params: ${JSON.stringify(params)}`);
    else if (TAUGHT.has(name))
      source.mapped(at, "compat mode does this where a model needs it (tools: auto)");
    else if (BUILT_IN.has(name)) source.mapped(at, "the protocol's adapter does this by itself");
    else source.attention(at, `the transformer "${name}" is a program of its own; see what it did`);
  }
}

interface Use {
  name: string;
  options: unknown;
  path: Path;
  model?: string;
}

/** `use` lists of the provider and of its models: names, or names with options. */
function listUses(transformer: unknown): Use[] {
  if (!isTable(transformer)) return [];
  return Object.entries(transformer).flatMap(([field, value]) => {
    const isAll = field === "use";
    const list = isAll ? value : isTable(value) ? value.use : undefined;
    return asList(list).map((one, at): Use => ({
      name: String(Array.isArray(one) ? one[0] : one),
      options: Array.isArray(one) ? (one[1] as unknown) : undefined,
      path: isAll ? ["use", at] : [field, "use", at],
      ...(!isAll && { model: field }),
    }));
  });
}

function toProtocol(address: string, uses: string[], { name }: { name?: unknown }): string {
  const words = uses.map((use) => use.toLowerCase());
  if (words.includes("anthropic") || /\/messages\/?$/.test(address)) return "claude";
  if (words.includes("gemini") || /generativelanguage\.googleapis\.com/.test(address)) return "gemini";
  if (/\/responses\/?$/.test(address)) return "openai-responses";
  return name === "ollama" || /:11434(?:\/|$)/.test(address) ? "ollama" : "openai";
}

const toParams = (name: string, options: unknown): Record<string, unknown> | undefined =>
  isTable(options) && (name === "maxtoken" || name === "openrouter" || name === "customparams")
    ? options
    : undefined;

function readRouter(root: Record<string, unknown>, { source, imported, names }: Reading): void {
  const router = isTable(root.Router) ? root.Router : {};
  const fallbacks = isTable(root.fallback) ? root.fallback : {};
  const toTarget = (text: unknown, path: Path): string | undefined => {
    const [provider = "", ...rest] = String(text).split(",");
    const id = names.get(provider.trim());
    if (typeof text === "string" && id !== undefined && rest.length > 0)
      return `${id}/${rest.join(",").trim()}`;
    source.attention(path, `"${String(text)}" names no provider of the file`);
    return undefined;
  };
  for (const scenario of SCENARIOS) {
    if (!(scenario in router) || router[scenario] === "" || router[scenario] === null) continue;
    const path = ["Router", scenario];
    if (scenario === "webSearch") {
      source.attention(path, "there is no rule for web searches; they go where the other requests go");
      continue;
    }
    const target = toTarget(router[scenario], path);
    if (target === undefined) continue;
    const others = asList(fallbacks[scenario]).flatMap((text, at) => {
      const other = toTarget(text, ["fallback", scenario, at]);
      if (other) source.mapped(["fallback", scenario, at], "asked when those before it fail");
      return other ?? [];
    });
    const targets: TargetConfig[] = [target, ...others];
    if (scenario === "default") {
      imported.models["*"] = others.length > 0 ? { targets, strategy: "priority" } : targets;
      source.mapped(path, `alias *, to ${target}`);
      continue;
    }
    if (others.length > 0) imported.models[`${scenario}-route`] = { targets, strategy: "priority" };
    const when = toCondition(scenario, router.longContextThreshold);
    imported.rules.push({ name: scenario, when, use: others.length > 0 ? `${scenario}-route` : target });
    source.mapped(path, `rule ${scenario}, to ${target}`);
    if (scenario === "longContext" && "longContextThreshold" in router)
      source.mapped(["Router", "longContextThreshold"], "the rule's tokens");
  }
}

function toCondition(scenario: string, threshold: unknown): RuleConfig["when"] {
  if (scenario === "image") return { images: true };
  if (scenario === "longContext" && typeof threshold === "number" && threshold !== 60_000)
    return { tokens: { ">": threshold } };
  return scenario as "longContext" | "background" | "think";
}

function readRest(root: Record<string, unknown>, source: Source, imported: Imported): void {
  const providers = Object.values(imported.providers);
  if (typeof root.PROXY_URL === "string" && root.PROXY_URL !== "") {
    for (const provider of providers) provider.proxy = root.PROXY_URL;
    source.mapped(["PROXY_URL"], "the proxy of every provider");
  }
  const timeout = Number(root.API_TIMEOUT_MS);
  if (Number.isInteger(timeout) && timeout > 0) {
    for (const provider of providers) provider.timeouts = { ...provider.timeouts, total: timeout };
    source.mapped(["API_TIMEOUT_MS"], "timeouts.total of every provider");
  }
  for (const [field, text] of Object.entries(BY_HAND)) if (field in root) source.attention([field], text);
}

/** In the order in which the router asks them. */
const SCENARIOS = ["image", "longContext", "background", "webSearch", "think", "default"];
const TAUGHT = new Set(["tooluse", "enhancetool"]);
const BUILT_IN = new Set(
  "anthropic gemini openai openrouter deepseek groq cerebras reasoning forcereasoning cleancache sampling streamoptions vertex-gemini vercel openai-responses".split(
    " ",
  ),
);
const BY_HAND: Record<string, string> = {
  APIKEY: "clients' keys are made here: 'ccproxy key add <name>'",
  HOST: "where it listens stays as it is: 'ccproxy config set server.host …'",
  PORT: "agents expect our own port: 'ccproxy config set server.port …' changes it",
  CUSTOM_ROUTER_PATH: "a program of its own: write its cases as rules",
  transformers: "programs of their own: see what they did",
};
