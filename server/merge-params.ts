import { isObject, type Json } from "../adapters/validate.ts";

/** `body` with configured parameters laid over it: objects are merged, everything else is replaced, null removes. */
export function mergeParams(body: Json, ...layers: (Json | undefined)[]): Json {
  return layers.reduce<Json>((merged, layer) => (layer ? mergeOne(merged, layer) : merged), body);
}

function mergeOne(body: Json, layer: Json): Json {
  const merged: Json = { ...body };
  for (const [key, value] of Object.entries(layer)) {
    if (key === "__proto__") continue;
    const current = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? mergeOne(isObject(current) ? current : {}, value) : value;
  }
  return merged;
}
