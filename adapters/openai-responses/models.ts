import type { ModelInfo } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { PROTOCOL } from "./wire.ts";

/** GET /v1/models: `{data: [{id, created, owned_by}]}`, with the additions of OpenRouter, vLLM and LM Studio. */
export function parseModelList(body: unknown): ModelInfo[] {
  const list = isObject(body) ? (body.data ?? body.models) : body;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown): ModelInfo[] => {
    if (typeof item === "string") return [{ id: item }];
    if (!isObject(item)) return [];
    const id = [item.id, item.name].find((name) => typeof name === "string" && name !== "");
    return typeof id === "string" ? [toModel(id, item)] : [];
  });
}

function toModel(id: string, item: Json): ModelInfo {
  const created = positive(item.created);
  const contextLength =
    positive(item.context_length) ?? positive(item.max_model_len) ?? positive(item.max_context_length);
  return {
    id,
    ...(typeof item.name === "string" && item.name !== id && { displayName: item.name }),
    ...(created !== undefined && { createdAt: created * 1000 }),
    ...(typeof item.owned_by === "string" && { ownedBy: item.owned_by }),
    ...(contextLength !== undefined && { contextLength }),
    native: { protocol: PROTOCOL, body: item },
  };
}

const positive = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
