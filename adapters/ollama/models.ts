import { toLacks } from "./to-lacks.ts";
import type { ProviderFace } from "../adapter.ts";
import type { ModelInfo } from "../unified.ts";
import { compact, isObject, type Json, toWord } from "../validate.ts";

/** What a provider tells about its models: the list by `/api/tags`, one by `/api/show`. */
export const providerModels: ProviderFace["models"] = {
  list: { method: "GET", path: "/api/tags" },
  parseList(body) {
    const list = isObject(body) && Array.isArray(body.models) ? body.models : [];
    return list.filter(isObject).flatMap((item) => toModelInfo(item, firstText(item.model, item.name)));
  },
  describe: (model) => ({ method: "POST", path: "/api/show", body: { model } }),
  toLacks,
  parseDescription(body, model) {
    const described = isObject(body) ? body : {};
    const { tensors: _tensors, ...kept } = described;
    return {
      ...(toModelInfo(described, model)[0] ?? { id: model }),
      native: { protocol: "ollama", body: kept },
    };
  },
};

/** Reads an item of `/api/tags` and an answer of `/api/show` alike; what one of them lacks stays absent. */
function toModelInfo(item: Json, id: string | undefined): ModelInfo[] {
  if (id === undefined) return [];
  const details = isObject(item.details) ? item.details : {};
  const modifiedAt = typeof item.modified_at === "string" ? Date.parse(item.modified_at) : Number.NaN;
  const capabilities = Array.isArray(item.capabilities)
    ? item.capabilities.filter((word) => typeof word === "string")
    : undefined;
  const info: ModelInfo = compact({
    id,
    native: isObject(item.details) ? { protocol: "ollama", body: toListed(item, details) } : undefined,
    createdAt: Number.isNaN(modifiedAt) || modifiedAt < 0 ? undefined : modifiedAt,
    contextLength: readContextLength(item.model_info) ?? positive(details.context_length),
    capabilities: capabilities?.length ? capabilities : undefined,
    size: positive(item.size),
    digest: firstText(item.digest),
    family: firstText(details.family),
    parameterSize: firstText(details.parameter_size),
    quantization: firstText(details.quantization_level),
  });
  return [info];
}

/** What a list says of a model that has no field of ours; where a cloud model is, tells clients that it is one. */
const toListed = ({ remote_model, remote_host }: Json, details: Json): Json =>
  compact({ details, remote_model, remote_host });

/** Under the architecture's name; servers that imitate Ollama do not always keep the two equal. */
function readContextLength(info: unknown): number | undefined {
  if (!isObject(info)) return undefined;
  const exact = positive(info[`${toWord(info["general.architecture"])}.context_length`]);
  const key = Object.keys(info).find((key) => key.endsWith(".context_length"));
  return exact ?? (key === undefined ? undefined : positive(info[key]));
}

const positive = (value: unknown): number | undefined =>
  typeof value === "number" && value > 0 ? value : undefined;

const firstText = (...values: unknown[]): string | undefined =>
  values.find((value): value is string => typeof value === "string" && value !== "");
