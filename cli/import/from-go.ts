import type { Comparison, Condition, RuleConfig } from "../../storage/types.ts";
import { KNOWN_PROVIDERS } from "../provider/known-providers.ts";
import { addProvider, createImported, toBaseUrl, toKey, type Imported } from "./imported.ts";
import type { Reading } from "./reading.ts";
import { asList, isTable, type Path, type Source } from "./source.ts";

/** The `config.json` of the proxy in Go: providers, routes with conditions and parameters. */
export function fromGo(source: Source): Imported {
  const imported = createImported();
  const root = isTable(source.root) ? source.root : {};
  const names = new Map<string, string>();
  for (const [at, given] of asList(root.providers).entries())
    readProvider(given, ["providers", at], { source, imported, names });
  if (isTable(root.routes)) readRoutes(root.routes, { source, imported, names });
  readRest(root, source, imported);
  return imported;
}

function readProvider(given: unknown, path: Path, { source, imported, names }: Reading): void {
  if (!isTable(given) || typeof given.name !== "string")
    return source.attention(path, "needs a name; add it with 'ccproxy provider add'");
  const known = KNOWN_PROVIDERS.find(({ id }) => id === given.name);
  const address =
    typeof given.api_base_url === "string" && given.api_base_url !== "" ? given.api_base_url : known?.baseUrl;
  if (address === undefined)
    return source.attention(path, "has no address; add it with 'ccproxy provider add'");
  const protocol = toProtocol(given.name, address, known?.protocol);
  const key = toKey(given.api_key);
  const models = asList(given.models).filter((model): model is string => typeof model === "string");
  const baseUrl = toBaseUrl(address);
  const id = addProvider(imported, {
    id: given.name,
    protocol,
    baseUrl,
    ...(key !== undefined && { key }),
    ...(models.length > 0 && { models }),
  });
  names.set(given.name, id);
  if (given.enabled === false && imported.providers[id]) imported.providers[id].enabled = false;
  source.mapped([...path, "name"], `provider ${id}, which speaks ${protocol}`);
  source.mapped([...path, "api_base_url"], `baseUrl ${baseUrl}`);
  for (const [field, text] of Object.entries(FIELDS))
    if (field in given) source.mapped([...path, field], text);
  if (asList(given.transformers).length > 0)
    source.mapped([...path, "transformers"], "the protocol's adapter does this by itself");
}

function toProtocol(name: string, address: string, known: string | undefined): string {
  if (/anthropic/.test(address) || name === "anthropic") return "claude";
  if (/generativelanguage|gemini/.test(address)) return "gemini";
  return known ?? (/:11434/.test(address) ? "ollama" : "openai");
}

function readRoutes(routes: Record<string, unknown>, { source, imported, names }: Reading): void {
  // Conditions are looked at before the presets, and those before what is asked for by name.
  const rules: { rule: RuleConfig; rank: number }[] = [];
  for (const [name, route] of Object.entries(routes)) {
    const path = ["routes", name];
    const id = isTable(route) ? names.get(String(route.provider)) : undefined;
    if (!isTable(route) || id === undefined || typeof route.model !== "string") {
      source.attention(path, "names no provider of the file and model");
      continue;
    }
    const target = `${id}/${route.model}`;
    const params = isTable(route.parameters) ? route.parameters : undefined;
    const conditions = asList(route.conditions);
    const when =
      conditions.length > 0 ? toCondition(conditions, [...path, "conditions"], source) : toPreset(name);
    source.mapped([...path, "provider"], target);
    source.mapped([...path, "model"], target);
    if (conditions.length > 0 && when === undefined) continue;
    if (conditions.length > 0) source.mapped([...path, "conditions"], `rule ${name}`);
    if (when !== undefined && when !== "default") {
      const rank = conditions.length > 0 ? 0 : PRESETS.indexOf(name);
      rules.push({ rule: { name, when, use: target, ...(params && { params }) }, rank });
    } else {
      imported.models[name === "default" ? "*" : name] = params ? { target, params } : target;
    }
    if (params) source.mapped([...path, "parameters"], "params");
  }
  imported.rules.push(...rules.sort((a, b) => a.rank - b.rank).map(({ rule }) => rule));
}

const toPreset = (name: string): RuleConfig["when"] | undefined =>
  PRESETS.includes(name) ? (name as "longContext" | "background" | "think" | "default") : undefined;

/** All must hold. undefined: one of them cannot be said here, so that none of it is. */
function toCondition(conditions: unknown[], path: Path, source: Source): Condition | undefined {
  const when: Condition = {};
  for (const [at, given] of conditions.entries()) {
    const { type, operator, value } = isTable(given) ? given : {};
    const field = isTable(given) ? (given.parameter ?? given.name ?? given.key ?? given.field) : undefined;
    const word = String(operator);
    if (!OPERATORS.has(word)) {
      source.attention([...path, at], `the operator "${word}" is none of ours; write the rule by hand`);
      return undefined;
    }
    const comparison = { [word]: value } as Comparison;
    if (type === "tokenCount" && typeof value === "number") when.tokens = { ...when.tokens, ...comparison };
    else if (type === "model" && typeof value === "string" && (word === "==" || word === "contains"))
      when.model = word === "==" ? value : `*${value}*`;
    else if (type === "parameter" && typeof field === "string")
      when.body = { ...when.body, [field]: { ...when.body?.[field], ...comparison } };
    else {
      source.attention([...path, at], "cannot be said in a rule; write one by hand");
      return undefined;
    }
  }
  return when;
}

function readRest(root: Record<string, unknown>, source: Source, imported: Imported): void {
  const { performance } = root;
  if (isTable(performance)) {
    const seconds = /^(\d+)(ms|s|m)$/.exec(String(performance.request_timeout ?? ""));
    const total = seconds ? Number(seconds[1]) * ({ ms: 1, s: 1000, m: 60_000 }[seconds[2] ?? ""] ?? 0) : 0;
    if (total > 0) {
      for (const provider of Object.values(imported.providers)) provider.timeouts = { total };
      source.attention(
        ["performance", "request_timeout"],
        `timeouts.total of every provider: long answers end after ${total / 1000} s`,
      );
    }
    for (const [field, text] of Object.entries(PERFORMANCE))
      if (field in performance) source.mapped(["performance", field], text);
  }
  for (const [field, text] of Object.entries(BY_HAND)) if (field in root) source.attention([field], text);
}

const PRESETS = ["longContext", "background", "think", "default"];
const OPERATORS = new Set([">", "<", "==", "!=", ">=", "<=", "contains"]);
const FIELDS: Record<string, string> = { api_key: "its key", models: "its models", enabled: "enabled" };
const PERFORMANCE: Record<string, string> = {
  metrics_enabled: "metrics are always there: GET /metrics",
  circuit_breaker_enabled: "who fails always rests",
};
const BY_HAND: Record<string, string> = {
  host: "where it listens stays as it is: 'ccproxy config set server.host …'",
  port: "agents expect our own port: 'ccproxy config set server.port …' changes it",
  apikey: "clients' keys are made here: 'ccproxy key add <name>'",
};
