import { isObject, type Json } from "../validate.ts";

/**
 * A tool's schema as Claude takes it: an object at the top without `anyOf`, `oneOf` or `allOf` beside it, and valid by
 * JSON Schema 2020-12 where clients are known to slip (doubled `required`, `properties: []`). Shares what is fine.
 */
export function toInputSchema(schema: Json): Json {
  const clean = mend(schema, 0);
  const flat = COMBINERS.some((key) => Array.isArray(clean[key])) ? flatten(clean) : clean;
  if (flat.type === "object" && isObject(flat.properties)) return flat;
  return { ...flat, type: "object", properties: isObject(flat.properties) ? flat.properties : {} };
}

/** What a call may look like under any of the alternatives: all their properties, required where all require them. */
function flatten(schema: Json): Json {
  const rest: Json = { ...schema };
  const properties: [string, unknown][] = [];
  let required = new Set(strings(schema.required));
  for (const key of COMBINERS) {
    const branches = Array.isArray(rest[key]) ? rest[key].filter(isObject) : [];
    delete rest[key];
    if (branches.length === 0) continue;
    for (const branch of branches) properties.push(...Object.entries(asObject(branch.properties)));
    const [first, ...others] = branches.map((branch) => new Set(strings(branch.required)));
    const wanted =
      key === "allOf" ? [...(first ?? []), ...others.flatMap((set) => [...set])] : [...(first ?? [])];
    const shared = key === "allOf" ? wanted : wanted.filter((name) => others.every((set) => set.has(name)));
    required = new Set([...required, ...shared]);
  }
  rest.properties = { ...Object.fromEntries(properties), ...asObject(schema.properties) };
  if (required.size) rest.required = [...required];
  else delete rest.required;
  return rest;
}

function mend(schema: Json, depth: number): Json {
  if (depth > MAX_DEPTH) return schema;
  let mended: Json | undefined;
  const put = (key: string, value: unknown): void => {
    if (value !== schema[key]) (mended ??= { ...schema })[key] = value;
  };
  const required = schema.required;
  if (Array.isArray(required) && new Set(required).size !== required.length) {
    put("required", [...new Set(required)]);
  }
  if (Array.isArray(schema.properties)) put("properties", {});
  for (const key of MAPS) if (isObject(schema[key])) put(key, mendAll(schema[key], depth + 1));
  for (const key of SINGLES) if (isObject(schema[key])) put(key, mend(schema[key], depth + 1));
  for (const key of LISTS) {
    const list = schema[key];
    if (!Array.isArray(list)) continue;
    const next: unknown[] = list.map((item) => (isObject(item) ? mend(item, depth + 1) : item));
    if (next.some((item, index) => item !== list[index])) put(key, next);
  }
  return mended ?? schema;
}

function mendAll(map: Json, depth: number): Json {
  let mended: Json | undefined;
  for (const [name, value] of Object.entries(map)) {
    if (!isObject(value)) continue;
    const next = mend(value, depth);
    if (next !== value) (mended ??= { ...map })[name] = next;
  }
  return mended ?? map;
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
const asObject = (value: unknown): Json => (isObject(value) ? value : {});

const COMBINERS = ["anyOf", "oneOf", "allOf"] as const;
const MAPS = ["properties", "$defs", "definitions", "patternProperties"] as const;
const SINGLES = ["items", "additionalProperties", "not"] as const;
const LISTS = ["anyOf", "oneOf", "allOf"] as const;
/** Deeper schemas are left as they are: no real tool has them. */
const MAX_DEPTH = 64;
