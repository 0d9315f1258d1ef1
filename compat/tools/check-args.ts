import { isObject, type Json } from "../../adapters/validate.ts";
import { LargeInteger } from "./values/json-value.ts";

const MAX_NODES = 20_000;
const MAX_DEPTH = 32;

/**
 * What is wrong with arguments by their schema, in words for a model; empty when nothing is. Knows what tool schemas
 * use (type, required, enum, const, properties, additionalProperties, items, anyOf, oneOf, allOf, local $ref) and
 * looks at nothing that could run for long: patterns, formats and uniqueItems of a stranger's schema are not applied.
 */
export function checkArgs(schema: unknown, args: unknown): string[] {
  const problems: string[] = [];
  let nodes = 0;

  const check = (rule: unknown, value: unknown, where: string, depth: number, out: string[]): void => {
    if (!isObject(rule) || depth > MAX_DEPTH || ++nodes > MAX_NODES || out.length > 8) return;
    const resolved = resolveRef(rule, schema);
    if (!matchesType(resolved, value)) {
      out.push(`${where}: expected ${typeNames(resolved).join(" or ")}, got ${kindOf(value)}`);
      return;
    }
    if (Array.isArray(resolved.enum) && !resolved.enum.some((allowed) => sameValue(allowed, value))) {
      out.push(`${where}: expected one of ${JSON.stringify(resolved.enum).slice(0, 300)}`);
    }
    if ("const" in resolved && !sameValue(resolved.const, value)) {
      out.push(`${where}: expected ${JSON.stringify(resolved.const)?.slice(0, 100)}`);
    }
    if (Array.isArray(resolved.allOf))
      for (const part of resolved.allOf) check(part, value, where, depth + 1, out);
    const branches = branchesOf(resolved);
    if (branches.length) {
      const failures = branches.map((branch) => {
        const found: string[] = [];
        check(branch, value, where, depth + 1, found);
        return found;
      });
      if (!failures.some((found) => found.length === 0)) out.push(...(failures[0] ?? []).slice(0, 2));
    }
    if (isObject(value)) checkObject(resolved, value, where, depth, out);
    if (Array.isArray(value) && isObject(resolved.items)) {
      value
        .slice(0, 1000)
        .forEach((item, index) => check(resolved.items, item, `${where}[${index}]`, depth + 1, out));
    }
  };
  const checkObject = (rule: Json, value: Json, where: string, depth: number, out: string[]): void => {
    const properties = isObject(rule.properties) ? rule.properties : {};
    if (Array.isArray(rule.required)) {
      for (const key of rule.required) {
        if (typeof key === "string" && !Object.hasOwn(value, key)) out.push(`${where}: "${key}" is missing`);
      }
    }
    for (const [key, member] of Object.entries(value)) {
      const inner = Object.hasOwn(properties, key) ? properties[key] : rule.additionalProperties;
      check(inner, member, where === "arguments" ? key : `${where}.${key}`, depth + 1, out);
    }
  };
  check(schema, args, "arguments", 0, problems);
  return problems;
}

/** The schema a local `$ref` points to; the schema itself otherwise. */
export function resolveRef(rule: Json, root: unknown): Json {
  let found = rule;
  for (let hop = 0; hop < 8 && typeof found.$ref === "string"; hop++) {
    const path = found.$ref.startsWith("#/") ? found.$ref.slice(2).split("/") : undefined;
    if (!path) return {};
    let target: unknown = root;
    for (const step of path) {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    if (!isObject(target)) return {};
    found = target;
  }
  return found;
}

export const branchesOf = (rule: Json): unknown[] =>
  Array.isArray(rule.anyOf) ? rule.anyOf : Array.isArray(rule.oneOf) ? rule.oneOf : [];

/** The type names a schema allows; empty when it says nothing. Other wordings of types are read as JSON Schema's. */
export function typeNames(rule: Json): string[] {
  const names = Array.isArray(rule.type) ? rule.type : rule.type === undefined ? [] : [rule.type];
  const types = names
    .filter((name) => typeof name === "string")
    .map((name) => TYPES[name.toLowerCase()] ?? name);
  if (rule.nullable === true && types.length) types.push("null");
  if (types.length === 0 && isObject(rule.properties)) return ["object"];
  return types;
}

/** The JSON Schema types a schema names itself; empty when one of its names is none. */
export function declaredTypes(rule: Json): string[] {
  const types = rule.type === undefined ? [] : typeNames(rule);
  return types.every((type) => KNOWN_TYPES.has(type)) ? types : [];
}

function matchesType(rule: Json, value: unknown): boolean {
  const types = typeNames(rule).filter((type) => KNOWN_TYPES.has(type));
  return types.length === 0 || types.some((type) => isOfType(value, type));
}

export function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number" || value instanceof LargeInteger;
    case "integer":
      return Number.isInteger(value) || value instanceof LargeInteger;
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    default:
      return isObject(value) && !(value instanceof LargeInteger);
  }
}

function sameValue(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof LargeInteger) return "integer";
  return Array.isArray(value) ? "array" : typeof value;
}

const KNOWN_TYPES = new Set(["string", "number", "integer", "boolean", "null", "array", "object"]);
const TYPES: Record<string, string | undefined> = {
  string: "string",
  str: "string",
  text: "string",
  varchar: "string",
  char: "string",
  enum: "string",
  number: "number",
  float: "number",
  double: "number",
  integer: "integer",
  int: "integer",
  int32: "integer",
  int64: "integer",
  long: "integer",
  boolean: "boolean",
  bool: "boolean",
  null: "null",
  none: "null",
  array: "array",
  list: "array",
  tuple: "array",
  object: "object",
  dict: "object",
  map: "object",
};
