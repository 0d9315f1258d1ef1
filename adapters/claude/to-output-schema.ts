import { isObject, type Json } from "../validate.ts";

/**
 * An answer's schema as Claude's structured outputs take it: objects closed, keywords it refuses moved to the
 * description, where the model still reads them
 * (https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations).
 */
export function toOutputSchema(schema: Json, depth = 0): Json {
  if (depth > MAX_DEPTH) return {};
  const result: Json = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (MAPS.has(key) && isObject(value)) result[key] = convertMap(value, depth + 1);
    else if (LISTS.has(key) && Array.isArray(value)) {
      // Claude knows no `oneOf`; alternatives that exclude each other by themselves mean the same under `anyOf`.
      result[key === "oneOf" ? "anyOf" : key] = value.map((item) => convert(item, depth + 1));
    } else if (key === "items") result.items = convert(value, depth + 1);
    else if (isKept(key, value)) result[key] = value;
    else if (!SILENT.has(key)) told.push(`${key}: ${JSON.stringify(value)}`);
  }
  if (isObjectSchema(schema)) {
    result.properties ??= {};
    result.additionalProperties = false;
  }
  if (told.length) {
    const said = typeof schema.description === "string" ? `${schema.description}\n\n` : "";
    result.description = `${said}{${told.join(", ")}}`;
  }
  return result;
}

const convert = (value: unknown, depth: number): unknown =>
  isObject(value) ? toOutputSchema(value, depth) : value;

const convertMap = (map: Json, depth: number): Json =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, convert(value, depth)]));

function isObjectSchema(schema: Json): boolean {
  const { type } = schema;
  return type === "object" || (Array.isArray(type) && type.includes("object")) || isObject(schema.properties);
}

function isKept(key: string, value: unknown): boolean {
  if (key === "format") return typeof value === "string" && FORMATS.has(value);
  if (key === "minItems") return value === 0 || value === 1;
  return KEPT.has(key);
}

const MAX_DEPTH = 64;
const MAPS = new Set(["properties", "$defs", "definitions"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf"]);
const KEPT = new Set(["type", "description", "title", "enum", "const", "required", "default", "$ref"]);
/** Constrain nothing, or are set anew. */
const SILENT = new Set(["$schema", "$id", "additionalProperties", "__proto__"]);
const FORMATS = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);
