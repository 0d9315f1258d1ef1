import { isObject, type Json } from "../validate.ts";

/**
 * Gemini's own `Schema` (OpenAPI 3.0 with upper-case types, `nullable`, counts as strings) as JSON Schema. What is JSON
 * Schema already comes back the same.
 */
export function toJsonSchema(schema: Json, depth = 0): Json {
  if (depth > MAX_DEPTH) return {};
  const entries: [string, unknown][] = [];
  for (const [given, value] of Object.entries(schema)) {
    const key = SPELLINGS.get(given) ?? given;
    if (key === "nullable" || key === "propertyOrdering") continue;
    if (key === "type") {
      const type = toType(value);
      if (type !== undefined) entries.push([key, type]);
    } else if (key === "example") entries.push(["examples", [value]]);
    else if (key === "format" && value === "enum") continue;
    else if (COUNTS.has(key)) entries.push([key, typeof value === "string" ? Number(value) : value]);
    else if (MAPS.has(key) && isObject(value)) entries.push([key, convertAll(value, depth + 1)]);
    else if (Array.isArray(value) && LISTS.has(key))
      entries.push([key, value.map((item) => convert(item, depth + 1))]);
    else if (SINGLES.has(key)) entries.push([key, convert(value, depth + 1)]);
    else entries.push([key, value]);
  }
  const converted: Json = Object.fromEntries(entries);
  return schema.nullable === true ? toNullable(converted) : converted;
}

const convert = (value: unknown, depth: number): unknown =>
  isObject(value) ? toJsonSchema(value, depth) : value;

const convertAll = (map: Json, depth: number): Json =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, convert(value, depth)]));

function toType(type: unknown): unknown {
  if (Array.isArray(type)) return type.map(toType);
  if (typeof type !== "string") return type;
  return type === "TYPE_UNSPECIFIED" ? undefined : type.toLowerCase();
}

function toNullable(schema: Json): Json {
  const nullable = { ...schema };
  const { type } = schema;
  if (typeof type === "string") nullable.type = [type, "null"];
  else if (Array.isArray(type) && !type.includes("null")) nullable.type = [...type, "null"];
  else if (Array.isArray(schema.anyOf)) nullable.anyOf = [...schema.anyOf, { type: "null" }];
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) nullable.enum = [...schema.enum, null];
  return nullable;
}

const MAX_DEPTH = 64;
const SPELLINGS = new Map([
  ["any_of", "anyOf"],
  ["min_items", "minItems"],
  ["max_items", "maxItems"],
  ["min_length", "minLength"],
  ["max_length", "maxLength"],
  ["min_properties", "minProperties"],
  ["max_properties", "maxProperties"],
  ["property_ordering", "propertyOrdering"],
  ["prefix_items", "prefixItems"],
  ["additional_properties", "additionalProperties"],
]);
const COUNTS = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
const MAPS = new Set(["properties", "$defs", "definitions", "patternProperties"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems", "items"]);
const SINGLES = new Set(["items", "additionalProperties", "not"]);
