import type { Call, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import type { ModelInfo } from "../unified.ts";
import { compact, describe, isObject, type Json } from "../validate.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * All models on one page, unless the client asks for smaller ones: many never ask for the second. All of them are
 * active.
 */
export function writeList(models: ModelInfo[], { query }: Pick<Call, "query">): unknown {
  const stages = [...query.getAll("lifecycle"), ...query.getAll("lifecycle[]")];
  const listed = stages.length === 0 || stages.includes("active") ? models : [];
  const place = (key: string): number => listed.findIndex(({ id }) => id === query.get(key));
  const before = place("before_id");
  const rest = listed.slice(place("after_id") + 1, before === -1 ? undefined : before);
  const wanted = Number(query.get("limit"));
  const limit = Number.isInteger(wanted) && wanted > 0 ? wanted : rest.length;
  // A page before a place is the one that ends there.
  const page = before === -1 ? rest.slice(0, limit) : rest.slice(-limit);
  return {
    data: page.map(writeOne),
    has_more: page.length < rest.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

export function writeOne(model: ModelInfo): unknown {
  const own = model.native?.protocol === PROTOCOL ? model.native.body : {};
  return {
    capabilities: null,
    line: null,
    lifecycle: "active",
    deprecated_at: null,
    retires_at: null,
    ...own,
    type: "model",
    id: model.id,
    display_name: model.displayName ?? model.id,
    // Anthropic too gives 1970 where it does not know the date.
    created_at: toDate(model.createdAt ?? 0),
    max_input_tokens: model.contextLength ?? null,
    max_tokens: model.maxOutputTokens ?? null,
  };
}

export const LIST_MODELS: WireRequest = { method: "GET", path: "/v1/models?limit=1000" };

export const describeModel = (model: string): WireRequest => ({
  method: "GET",
  path: `/v1/models/${encodeURIComponent(model)}`,
});

export function parseList(body: unknown): ModelInfo[] {
  const list = isObject(body) ? body.data : body;
  if (!Array.isArray(list)) {
    throw new GatewayError("upstream", `the provider's model list is ${describe(list)}, expected an array`);
  }
  return list.flatMap((item) =>
    isObject(item) && typeof item.id === "string" ? [toModel(item, item.id)] : [],
  );
}

export function parseDescription(body: unknown, model: string): ModelInfo {
  if (isObject(body)) return { ...toModel(body, model), id: model };
  throw new GatewayError(
    "upstream",
    `the provider describes ${model} with ${describe(body)}, expected an object`,
  );
}

function toModel(item: Json, id: string): ModelInfo {
  return compact<ModelInfo>({
    id,
    displayName: text(item.display_name),
    createdAt: readDate(item),
    ownedBy: text(item.owned_by),
    contextLength: count(item.max_input_tokens),
    maxOutputTokens: count(item.max_tokens),
    capabilities: isObject(item.capabilities) ? readCapabilities(item.capabilities) : undefined,
    native: { protocol: PROTOCOL, body: item },
  });
}

/** Only Anthropic's own models carry this object, and all of them call tools. */
function readCapabilities(given: Json): string[] {
  const has = (key: string): boolean => {
    const entry = given[key];
    return isObject(entry) && entry.supported === true;
  };
  return [
    "completion",
    "tools",
    ...(has("image_input") ? ["vision"] : []),
    ...(has("thinking") ? ["thinking"] : []),
  ];
}

function readDate({ created_at, created }: Json): number | undefined {
  // Imitators list models in OpenAI's shape, with seconds.
  const time = typeof created === "number" ? created * 1000 : Date.parse(text(created_at) ?? "");
  return time > 0 && time <= LAST_TIME ? time : undefined;
}

const toDate = (time: number): string =>
  new Date(Math.min(time, LAST_TIME)).toISOString().replace(".000Z", "Z");
/** The last moment a Date can hold. */
const LAST_TIME = 8.64e15;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const count = (value: unknown): number | undefined =>
  typeof value === "number" && value > 0 ? value : undefined;
