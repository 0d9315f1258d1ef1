import { isObject, type Json } from "../../adapters/validate.ts";
import { repairJson } from "../repair-json.ts";
import { isOfType, resolveRef, typeNames } from "./check-args.ts";
import {
  allowedTypes,
  allows,
  merged,
  objectRule,
  patternRule,
  propertyName,
  propertyRule,
} from "./schema-rules.ts";
import { validateArgs } from "./validate-args.ts";
import { LargeInteger, setOwn, toNumber, writeJson } from "./values/json-value.ts";
import { parseJson } from "./values/parse-json.ts";

/** What a dialect read of a call's arguments. */
export type ReadArgs =
  /** A value whose types the model wrote. */
  | { kind: "value"; value: unknown }
  /** Raw texts that only the schema can type. `typed`: the model said it is a string (true) or JSON (false). */
  | { kind: "texts"; texts: ArgText[] };

export interface ArgText {
  key: string;
  text: string;
  typed?: boolean;
}

export interface SettledArgs {
  /** JSON text of the arguments object. */
  json: string;
  repairs: Set<string>;
  /** What the schema has against them. */
  problems: string[];
}

/**
 * Arguments as the tool's schema wants them: texts get their types, values of a wrong type that say the right thing
 * are converted, nothing is invented. "no object" when they are none; "forbidden" when a key could reach an object's
 * prototype in a careless client.
 * `tool`: they are those of a tool, whose client refuses what the schema does not provide for.
 */
export function settleArgs(
  args: ReadArgs,
  schema: unknown,
  options: { strict?: boolean; tool?: boolean } = {},
): SettledArgs | "no object" | "forbidden" {
  const repairs = new Set<string>();
  const object =
    args.kind === "texts" ? typeTexts(args.texts, schema, repairs) : toObject(args.value, schema, repairs);
  if (object === undefined) return "no object";
  if (hasForbiddenKey(object, 0)) return "forbidden";
  if (options.tool && takesNothing(schema) && Object.keys(object).length) {
    repairs.add("undeclared arguments");
    return { json: "{}", repairs, problems: [] };
  }
  const fitted = options.strict && args.kind === "value" ? object : fit(object, schema, schema, repairs, 0);
  const json = writeJson(fitted);
  return { json, repairs, problems: validateArgs(schema, fitted, json) };
}

/** A tool that says it has no arguments at all: its client would refuse a call with some. */
const takesNothing = (schema: unknown): boolean =>
  isObject(schema) &&
  isObject(schema.properties) &&
  Object.keys(schema.properties).length === 0 &&
  (schema.additionalProperties === undefined || schema.additionalProperties === false) &&
  !OTHER_RULES.some((rule) => Object.hasOwn(schema, rule));

/** Where else a schema may speak of keys. */
const OTHER_RULES = ["patternProperties", "anyOf", "oneOf", "allOf", "$ref", "required", "propertyNames"];

/** The object of arguments written as a value, perhaps encoded as a string once or twice. */
function toObject(value: unknown, schema: unknown, repairs: Set<string>): Json | undefined {
  if (value === undefined || value === null || value === "") {
    if (isObject(schema) && Array.isArray(schema.required) && schema.required.length) return undefined;
    repairs.add("empty arguments");
    return {};
  }
  if (isObject(value) && !(value instanceof LargeInteger)) return value;
  if (typeof value !== "string") return undefined;
  const inner = repairJson(value);
  if (!inner || typeof inner.value === "number") return undefined;
  for (const kind of ["arguments as a string", ...inner.repairs]) repairs.add(kind);
  return toObject(inner.value, schema, repairs);
}

function typeTexts(texts: ArgText[], schema: unknown, repairs: Set<string>): Json | undefined {
  const wrapped = unwrapArguments(texts, schema);
  if (wrapped) return wrapped;
  const result: Json = {};
  for (const { key, text, typed } of texts) {
    const rule = propertyRule(schema, key, schema);
    let value: unknown = text;
    if (typed === false) value = readTyped(text) ?? text;
    else if (typed !== true) value = typeText(text, rule, schema, 0);
    if (!Object.hasOwn(result, key)) setOwn(result, key, value);
    else if (rule ? allows(rule, schema, "array") : isOpen(schema)) {
      const before = result[key];
      setOwn(result, key, [
        ...(Array.isArray(before) ? before : [before]),
        ...(Array.isArray(value) ? value : [value]),
      ]);
    } else {
      repairs.add("duplicate parameter");
      setOwn(result, key, value);
    }
  }
  return result;
}

/** A schema that says nothing of its arguments. */
const isOpen = (schema: unknown): boolean => !isObject(schema) || !isObject(schema.properties);

/** DeepSeek sometimes puts the whole object into one parameter called `arguments` or `input`. */
function unwrapArguments(texts: ArgText[], schema: unknown): Json | undefined {
  const only = texts[0];
  if (texts.length !== 1 || !only || !/^(arguments|input|parameters|args|params)$/.test(only.key))
    return undefined;
  if (propertyRule(schema, only.key, schema) || !isObject(schema) || !isObject(schema.properties))
    return undefined;
  const read = parseJson(only.text.trim());
  return read && !read.cut && isObject(read.value) ? read.value : undefined;
}

function readTyped(text: string): unknown {
  const trimmed = text.trim();
  const read = parseJson(trimmed);
  return read && !read.cut && read.end === trimmed.length ? read.value : undefined;
}

/** A raw text as the type its schema allows; a text where the schema says nothing. */
function typeText(text: string, rule: Json | undefined, root: unknown, depth: number): unknown {
  if (!rule) return text;
  const types = allowedTypes(rule, root);
  if (types.size === 0) return text;
  const trimmed = text.trim();
  if (types.has("object") || types.has("array")) {
    const read = readTyped(trimmed);
    if (types.has("array") && Array.isArray(read)) return read;
    if (types.has("object") && isObject(read) && !(read instanceof LargeInteger)) return read;
    if (types.has("array") && !types.has("string")) {
      const list = toList(trimmed, read, rule);
      if (list) return list;
    }
  }
  if (types.has("null") && /^(null|none|nil)$/i.test(trimmed) && !(types.has("string") && types.size === 1))
    return null;
  const scalar = toScalar(trimmed, types);
  if (scalar !== undefined) return scalar;
  if (types.has("string")) return text;
  const inner = /^<value>([^<]*)<\/value>$/.exec(trimmed)?.[1];
  if (inner !== undefined) return typeText(inner, rule, root, depth + 1);
  const single = trimmed.startsWith("[") ? readTyped(trimmed) : undefined;
  if (Array.isArray(single) && single.length === 1 && typeof single[0] === "string" && depth === 0)
    return typeText(single[0], rule, root, 1);
  if (types.has("array") && trimmed !== "" && depth === 0) {
    const items = isObject(rule.items) ? rule.items : undefined;
    return [typeText(text, items, root, depth + 1)];
  }
  return text;
}

/** A list that was not written as one: an object with one repeated member, numbers in a row, nothing. */
function toList(text: string, read: unknown, rule: Json): unknown[] | undefined {
  if (text === "") return [];
  if (isObject(read) && !(read instanceof LargeInteger)) {
    const [only, ...others] = Object.values(read);
    return others.length === 0 && Array.isArray(only) ? only : [read];
  }
  const items = isObject(rule.items) ? typeNames(rule.items) : [];
  const row = text.split(/[,\n]/).map((item) => item.trim());
  const isNumbers =
    items.some((type) => type === "number" || type === "integer") &&
    row.every((item) => /^-?\d+(\.\d+)?$/.test(item));
  return isNumbers ? row.map(Number) : undefined;
}

function toScalar(text: string, types: ReadonlySet<string>): unknown {
  if (types.has("boolean") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if ((types.has("integer") || types.has("number")) && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    // Beyond the doubles a text says more, where one is allowed.
    const number = Number(text);
    const exact = Number.isSafeInteger(number) || !/^[+-]?\d+$/.test(text);
    if (Number.isFinite(number) && (exact || !types.has("string"))) {
      if (types.has("number") || Number.isInteger(number))
        return /^\d+$/.test(text) && text.length > 300 ? toNumber(text) : number;
    }
  }
  return undefined;
}

/** The value with what its schema makes certain put right. */
function fit(value: unknown, rule: unknown, root: unknown, repairs: Set<string>, depth: number): unknown {
  if (!isObject(rule) || depth > 32) return value;
  const resolved = merged(resolveRef(rule, root), root);
  const types = allowedTypes(resolved, root);
  if (types.size && ![...types].some((type) => isOfType(value, type)))
    return convert(value, resolved, root, types, repairs, depth);
  if (isObject(value) && !(value instanceof LargeInteger))
    return fitObject(value, objectRule(resolved, value, root), root, repairs, depth);
  if (Array.isArray(value)) {
    const tuple = Array.isArray(resolved.prefixItems)
      ? resolved.prefixItems
      : Array.isArray(resolved.items)
        ? resolved.items
        : [];
    const rest = isObject(resolved.items) ? resolved.items : undefined;
    return value.map((item, index) => fit(item, tuple[index] ?? rest, root, repairs, depth + 1));
  }
  return value;
}

function convert(
  value: unknown,
  rule: Json,
  root: unknown,
  types: ReadonlySet<string>,
  repairs: Set<string>,
  depth: number,
): unknown {
  if (typeof value === "string") {
    const typed = typeText(value, rule, root, 1);
    if (typed === value) return value;
    repairs.add("type");
    return fit(typed, rule, root, repairs, depth + 1);
  }
  if (
    types.has("string") &&
    (typeof value === "number" || typeof value === "boolean" || value instanceof LargeInteger)
  ) {
    repairs.add("type");
    return value instanceof LargeInteger ? value.text : String(value);
  }
  if (types.has("array") && isObject(value)) {
    // XML to JSON as models do it: {"item": [...]}.
    const [only = "", ...others] = Object.keys(value);
    const items = value[only];
    if (
      others.length === 0 &&
      (only === "item" || only === "items" || only === "element" || Array.isArray(items))
    ) {
      repairs.add("type");
      return fit(Array.isArray(items) ? items : [items], rule, root, repairs, depth + 1);
    }
  }
  return value;
}

function fitObject(value: Json, rule: Json, root: unknown, repairs: Set<string>, depth: number): Json {
  const properties = isObject(rule.properties) ? rule.properties : {};
  const required = Array.isArray(rule.required) ? rule.required : [];
  // A schema that knows its keys by patterns alone has no others.
  const byPattern =
    isObject(rule.patternProperties) &&
    rule.additionalProperties === undefined &&
    Object.keys(properties).length === 0;
  const result: Json = {};
  for (const [written, member] of Object.entries(value)) {
    const key = propertyName(written, properties, value);
    if (key !== written) repairs.add("key");
    const inner = Object.hasOwn(properties, key) ? properties[key] : patternRule(rule, key);
    if (inner === false || (inner === undefined && (rule.additionalProperties === false || byPattern))) {
      repairs.add("unknown argument");
      continue;
    }
    const next = inner ?? rule.additionalProperties;
    if (member === null && isObject(next) && !required.includes(key)) {
      const types = allowedTypes(resolveRef(next, root), root);
      if (types.size && !types.has("null")) {
        repairs.add("null argument");
        continue;
      }
    }
    setOwn(result, key, fit(member, next, root, repairs, depth + 1));
  }
  return result;
}

/** Whether arguments name a key that must not be used, whatever else is wrong with them. */
export const holdsForbidden = (args: ReadArgs): boolean =>
  args.kind === "texts"
    ? args.texts.some(({ key }) => FORBIDDEN.has(unescaped(key)))
    : hasForbiddenKey(args.value, 0);

function hasForbiddenKey(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth > 64) return false;
  if (Array.isArray(value)) return value.some((item) => hasForbiddenKey(item, depth + 1));
  return Object.entries(value).some(
    ([key, member]) => FORBIDDEN.has(unescaped(key)) || hasForbiddenKey(member, depth + 1),
  );
}

/** A key that was escaped once too often, as a careless client would read it. */
const unescaped = (key: string): string =>
  key.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** Keys that reach an object's prototype in a careless client. */
export const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
