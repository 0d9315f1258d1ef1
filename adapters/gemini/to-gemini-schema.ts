import { isObject, type Json } from "../validate.ts";
import { followRefs } from "./follow-refs.ts";
import { readEnum, readRange, readType, type Kind } from "./schema-type.ts";
import { tellKeywords } from "./tell-keywords.ts";

/**
 * A schema as Gemini takes it: the keywords it knows, no references, enums of strings, one type each. It answers
 * "Unknown name" to the rest, which goes into the description where it says something the model can follow. A new
 * schema; the given one stays as it is (https://ai.google.dev/api/caching#Schema).
 */
export function toGeminiSchema(root: Json): Json {
  // References to references could write a schema without end.
  let left = MAX_SCHEMAS;

  const clean = (given: unknown, before: readonly string[], depth: number): Json => {
    if (!isObject(given) || depth > MAX_DEPTH || left-- <= 0) return {};
    const followed = followRefs(given, root, before);
    const { path } = followed;
    const schema = mergeAllOf(followed.schema, root, path);
    const next = (value: unknown): Json => clean(value, path, depth + 1);
    const { kinds, nullable: isNullable } = readType(schema);
    const values = readEnum(schema, kinds);
    const [kind] = kinds;
    const branches = toBranches(schema).map((branch) => next(withType(branch, kind)));
    const filled = branches.filter((branch) => !isNullSchema(branch));
    const nullable = isNullable || values.nullable || filled.length < branches.length;
    const description = tellKeywords(schema, kind ?? values.kinds[0], values.told);
    const frame = { ...(description !== "" && { description }), ...(nullable && { nullable }) };
    if (kinds.length > 1) {
      const typed = filled.length ? filled : kinds.map((one) => toBody(schema, one, next));
      return { ...frame, anyOf: typed };
    }
    if (kind === "object" && filled.length)
      return { ...overlay(toBody(schema, kind, next), filled), ...frame };
    if (filled.length) {
      const [only] = filled;
      return filled.length === 1 && only ? { ...only, ...frame } : { ...frame, anyOf: filled };
    }
    const single = kind ?? values.kinds[0] ?? guessKind(schema);
    if (single === undefined) return frame;
    const body = toBody(schema, single, next);
    return {
      ...body,
      ...frame,
      ...(values.strings.length > 0 && single === "string" && { enum: values.strings }),
    };
  };
  return clean(root, [], 0);
}

/** A tool's schema: an object at the top, its alternatives laid over each other. */
export function toParametersSchema(schema: Json): Json {
  const { nullable: _nullable, anyOf, ...cleaned } = toGeminiSchema(schema);
  const { description } = cleaned;
  const branches = Array.isArray(anyOf) ? anyOf.filter(isObject) : [];
  const own = cleaned.type === "object" ? cleaned : { ...(description !== undefined && { description }) };
  return overlay({ ...own, type: "object", properties: toMap(own.properties) }, branches);
}

/** What an object may look like under any of the alternatives: required is what all of them require. */
function overlay(schema: Json, branches: readonly Json[]): Json {
  const properties = [...branches, schema].flatMap((branch) => Object.entries(toMap(branch.properties)));
  const [first, ...others] = branches.map((branch) => toNames(branch.required));
  const shared = (first ?? []).filter((name) => others.every((names) => names.includes(name)));
  const names = new Set(properties.map(([name]) => name));
  const required = [...new Set([...toNames(schema.required), ...shared])].filter((name) => names.has(name));
  const { required: _required, ...rest } = schema;
  return { ...rest, properties: Object.fromEntries(properties), ...(required.length && { required }) };
}

/** The keywords of one type. */
function toBody(schema: Json, kind: Kind, next: (value: unknown) => Json): Json {
  const type = { type: kind };
  switch (kind) {
    case "object":
      return {
        ...type,
        ...toProperties(schema, next),
        ...pickNumbers(schema, "minProperties", "maxProperties"),
      };
    case "array":
      return { ...type, items: toItems(schema, next), ...pickNumbers(schema, "minItems", "maxItems") };
    case "string": {
      const pattern = typeof schema.pattern === "string" ? { pattern: schema.pattern } : {};
      return {
        ...type,
        ...toFormat(schema, kind),
        ...pattern,
        ...pickNumbers(schema, "minLength", "maxLength"),
      };
    }
    case "integer":
    case "number":
      return { ...type, ...toFormat(schema, kind), ...readRange(schema, kind) };
    case "boolean":
    case "null":
      return type;
    default:
      return kind satisfies never;
  }
}

function toProperties(schema: Json, next: (value: unknown) => Json): Json {
  if (!isObject(schema.properties)) return {};
  const properties = Object.fromEntries(
    Object.entries(schema.properties).map(([name, value]) => [name, next(value)]),
  );
  const required = [...new Set(toNames(schema.required))].filter((name) => Object.hasOwn(properties, name));
  return { properties, ...(required.length && { required }) };
}

/** Gemini has no tuples, and wants to know what is in every list. */
function toItems(schema: Json, next: (value: unknown) => Json): Json {
  const { items, prefixItems } = schema;
  if (isObject(items) && !Array.isArray(prefixItems)) return next(items);
  const tuple: unknown[] = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const [only, ...others] = tuple.map(next);
  if (only === undefined) return { type: "string" };
  return others.length ? { anyOf: [only, ...others] } : only;
}

function toFormat({ format }: Json, kind: Kind): Json {
  return typeof format === "string" && FORMATS.get(kind)?.includes(format) ? { format } : {};
}

function pickNumbers(schema: Json, ...keys: string[]): Json {
  return Object.fromEntries(
    keys.flatMap((key) => (typeof schema[key] === "number" ? [[key, schema[key]]] : [])),
  );
}

const toBranches = ({ anyOf, oneOf }: Json): unknown[] => [
  ...(Array.isArray(anyOf) ? anyOf : []),
  ...(Array.isArray(oneOf) ? oneOf : []),
];

/** An alternative that only adds to the type it stands in. */
function withType(branch: unknown, kind: Kind | undefined): unknown {
  const isTyped = kind === undefined || !isObject(branch) || TYPING.some((key) => branch[key] !== undefined);
  return isTyped ? branch : { type: kind, ...branch };
}

/** One schema that asks for all of `allOf` at once; where they disagree, what stands first counts. */
function mergeAllOf(schema: Json, root: Json, path: readonly string[]): Json {
  if (!Array.isArray(schema.allOf)) return schema;
  const { allOf, ...own } = schema;
  const branches: Json[] = [own];
  const waiting: unknown[] = [...allOf];
  while (waiting.length && branches.length < MAX_PARTS) {
    const part = waiting.shift();
    if (!isObject(part)) continue;
    const { allOf: nested, ...branch } = followRefs(part, root, path).schema;
    if (Array.isArray(nested)) waiting.push(...nested);
    branches.push(branch);
  }
  const properties = branches.toReversed().flatMap((branch) => Object.entries(toMap(branch.properties)));
  const required = new Set(branches.flatMap((branch) => toNames(branch.required)));
  return {
    ...Object.fromEntries(branches.toReversed().flatMap((branch) => Object.entries(branch))),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.size > 0 && { required: [...required] }),
  };
}

const isNullSchema = (schema: Json): boolean => schema.type === "null";

function guessKind(schema: Json): Kind | undefined {
  if (isObject(schema.properties)) return "object";
  return schema.items === undefined && schema.prefixItems === undefined ? undefined : "array";
}

const toMap = (value: unknown): Json => (isObject(value) ? value : {});
const toNames = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];

const TYPING = ["type", "$ref", "anyOf", "oneOf", "allOf"];
const FORMATS = new Map<Kind, readonly string[]>([
  ["string", ["date-time"]],
  ["integer", ["int32", "int64"]],
  ["number", ["float", "double"]],
]);
/** Deeper or larger schemas lose what is beyond: no real tool has them. */
const MAX_DEPTH = 64;
const MAX_SCHEMAS = 5000;
const MAX_PARTS = 64;
