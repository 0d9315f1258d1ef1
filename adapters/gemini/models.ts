import type { Call, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import type { ModelInfo } from "../unified.ts";
import { compact, describe, invalid, isObject, type Json } from "../validate.ts";
import { toModelId, toModelPath } from "./model-path.ts";
import { readField, toSnake } from "./read-field.ts";
import { PROTOCOL } from "./wire.ts";

/** All models on one page, unless the client wants smaller ones: a page's token is the place it begins at. */
export function writeList(models: ModelInfo[], { query }: Call): unknown {
  const size = readPage(query, "pageSize") || models.length;
  const from = readPage(query, "pageToken");
  const to = from + Math.min(size, MAX_PAGE);
  return {
    models: models.slice(from, to).map(writeOne),
    ...(to < models.length && { nextPageToken: String(to) }),
  };
}

function readPage(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? query.get(toSnake(name)) ?? "";
  if (text === "") return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalid(name, name === "pageSize" ? "number of models" : "nextPageToken of the page before", text);
}

export function writeOne(model: ModelInfo): unknown {
  const { baseModelId: _base, ...own } = model.native?.protocol === PROTOCOL ? model.native.body : {};
  const { displayName = model.id, ownedBy, capabilities } = model;
  return compact({
    version: "001",
    description: ownedBy === undefined ? displayName : `${displayName} by ${ownedBy}`,
    ...own,
    name: `models/${model.id}`,
    displayName,
    inputTokenLimit: model.contextLength,
    outputTokenLimit: model.maxOutputTokens,
    supportedGenerationMethods: toMethods(capabilities),
    thinking: capabilities?.includes("thinking") ? true : undefined,
  });
}

/** Only what is served here; a model nothing is known of is taken for one that answers. */
function toMethods(capabilities: string[] | undefined): string[] {
  const embeds = capabilities?.includes("embedding") ?? false;
  const answers = !embeds || (capabilities?.includes("completion") ?? false);
  return [
    ...(answers ? ["generateContent", "streamGenerateContent", "countTokens"] : []),
    ...(embeds ? ["embedContent", "batchEmbedContents"] : []),
  ];
}

export const LIST_MODELS: WireRequest = { method: "GET", path: "/v1beta/models?pageSize=1000" };

export const describeModel = (model: string): WireRequest => ({ method: "GET", path: toModelPath(model) });

export function parseList(body: unknown): ModelInfo[] {
  // Imitators list models in OpenAI's shape.
  const list = isObject(body) ? (body.models ?? body.data) : body;
  // A page without any model has no list.
  if (isObject(body) && list === undefined) return [];
  if (!Array.isArray(list)) {
    throw new GatewayError("upstream", `the provider's model list is ${describe(list)}, expected an array`);
  }
  return list.flatMap((item: unknown) => {
    if (!isObject(item)) return [];
    const name = text(item.name) ?? text(item.id);
    return name === undefined ? [] : [toModel(item, toModelId(name))];
  });
}

export function parseDescription(body: unknown, model: string): ModelInfo {
  if (isObject(body)) return { ...toModel(body, toModelId(model)), id: model };
  throw new GatewayError(
    "upstream",
    `the provider describes ${model} with ${describe(body)}, expected an object`,
  );
}

function toModel(item: Json, id: string): ModelInfo {
  return compact<ModelInfo>({
    id,
    displayName: text(readField(item, "displayName")),
    contextLength: count(readField(item, "inputTokenLimit")),
    maxOutputTokens: count(readField(item, "outputTokenLimit")),
    capabilities: readCapabilities(item, id),
    native: { protocol: PROTOCOL, body: item },
  });
}

/** The list says which actions a model has, and since Gemini 2.5 whether it thinks; nothing of tools and images. */
function readCapabilities(item: Json, id: string): string[] | undefined {
  const methods = readField(item, "supportedGenerationMethods");
  if (!Array.isArray(methods)) return undefined;
  const answers = methods.includes("generateContent");
  const isGemini = answers && id.startsWith("gemini-") && !WITHOUT_TOOLS.test(id);
  return [
    ...(answers ? ["completion"] : []),
    ...(isGemini ? ["tools", "vision"] : []),
    ...(item.thinking === true ? ["thinking"] : []),
    ...(methods.includes("embedContent") ? ["embedding"] : []),
  ];
}

/** More the API does not give at once. */
const MAX_PAGE = 1000;
const WITHOUT_TOOLS = /image|tts|audio|embedding/;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const count = (value: unknown): number | undefined =>
  typeof value === "number" && value > 0 ? value : undefined;
