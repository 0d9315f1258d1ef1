import { isObject, type Json } from "../../adapters/validate.ts";
import { branchesOf, resolveRef, typeNames } from "./check-args.ts";

/** `target_language` for `targetLanguage`: only where the schema has no such key and one that differs by writing. */
export function propertyName(written: string, properties: Json, value: Json): string {
  if (Object.hasOwn(properties, written)) return written;
  const plain = plainKey(written);
  const found = Object.keys(properties).filter(
    (key) => plainKey(key) === plain && !Object.hasOwn(value, key),
  );
  return found.length === 1 && found[0] !== undefined ? found[0] : written;
}

const plainKey = (key: string): string => key.toLowerCase().replace(/[\s_-]/g, "");

/**
 * The rule of `patternProperties` for a key. Patterns are a stranger's code: only those that cannot run for long are
 * run. Of the others a permission is given and a ban is kept to.
 */
export function patternRule(rule: Json, key: string): unknown {
  if (!isObject(rule.patternProperties)) return undefined;
  for (const [pattern, inner] of Object.entries(rule.patternProperties)) {
    if (matchesPattern(pattern, key) ?? mayMatch(pattern, key)) return inner;
  }
  return undefined;
}

/** undefined: the pattern is not one to run. */
function matchesPattern(pattern: string, key: string): boolean | undefined {
  if (pattern.length > 200 || key.length > 200 || /[)\]]?[*+}].*[*+{].*[*+{]|\)[*+{]|\\\d/.test(pattern))
    return undefined;
  try {
    return new RegExp(pattern, "u").test(key);
  } catch {
    return undefined;
  }
}

/** A pattern that takes the whole key and spells out its characters matches no key with another one. */
function mayMatch(pattern: string, key: string): boolean {
  const body = /^\^([^\\.^]{1,200})\$$/.exec(pattern)?.[1];
  if (body === undefined || body.includes("(?") || key.length > 200) return true;
  const characters = body.replace(/\{\d{0,6},?\d{0,6}\}|[()|*+?$[\]]/g, "");
  try {
    return new RegExp(`^[${characters}]*$`, "u").test(key);
  } catch {
    return true;
  }
}

/** The rule for an object: of alternatives the first whose constants and required keys fit. */
export function objectRule(rule: Json, value: Json, root: unknown): Json {
  if (isObject(rule.properties)) return rule;
  const branches = branchesOf(rule)
    .filter(isObject)
    .map((branch) => merged(resolveRef(branch, root), root));
  const constant = branches.find((branch) => saysConstants(branch) && fitsConstants(branch, value));
  return (
    constant ?? branches.find((branch) => fitsConstants(branch, value) && hasRequired(branch, value)) ?? rule
  );
}

const hasRequired = (rule: Json, value: Json): boolean =>
  Array.isArray(rule.required) &&
  rule.required.every((key) => typeof key === "string" && Object.hasOwn(value, key));

const constantsOf = (rule: Json): [string, unknown[]][] =>
  Object.entries(isObject(rule.properties) ? rule.properties : {}).flatMap(([key, inner]) => {
    if (!isObject(inner)) return [];
    if ("const" in inner) return [[key, [inner.const]]];
    return Array.isArray(inner.enum) ? [[key, inner.enum]] : [];
  });

const saysConstants = (rule: Json): boolean => constantsOf(rule).length > 0;

const fitsConstants = (rule: Json, value: Json): boolean =>
  constantsOf(rule).every(([key, allowed]) => !Object.hasOwn(value, key) || allowed.includes(value[key]));

/** A rule with the parts of its `allOf` in one. */
export function merged(rule: Json, root: unknown, depth = 0): Json {
  if (!Array.isArray(rule.allOf) || depth > 8) return rule;
  const { allOf, ...own } = rule;
  const parts = [
    own,
    ...allOf.filter(isObject).map((part) => merged(resolveRef(part, root), root, depth + 1)),
  ];
  const result: Json = Object.assign({}, ...parts);
  const properties = parts.flatMap((part) => (isObject(part.properties) ? [part.properties] : []));
  const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required : []));
  if (properties.length) result.properties = Object.assign({}, ...properties);
  if (required.length) result.required = required;
  return result;
}

export function propertyRule(schema: unknown, key: string, root: unknown): Json | undefined {
  if (!isObject(schema)) return undefined;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const rule = Object.hasOwn(properties, key)
    ? properties[key]
    : (propertyByWriting(properties, key) ?? patternRule(schema, key) ?? schema.additionalProperties);
  return isObject(rule) ? resolveRef(rule, root) : undefined;
}

function propertyByWriting(properties: Json, key: string): unknown {
  const name = propertyName(key, properties, {});
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

export function allows(rule: Json, root: unknown, type: string): boolean {
  return allowedTypes(rule, root).has(type);
}

/** Every type a schema allows, alternatives included; empty when it says nothing. */
export function allowedTypes(rule: Json, root: unknown, depth = 0): Set<string> {
  const types = new Set(typeNames(rule));
  if (types.size === 0 && depth < 4) {
    for (const branch of branchesOf(rule)) {
      if (isObject(branch))
        for (const type of allowedTypes(resolveRef(branch, root), root, depth + 1)) types.add(type);
    }
  }
  const choices = Array.isArray(rule.enum) ? rule.enum : "const" in rule ? [rule.const] : [];
  if (types.size === 0) for (const choice of choices) types.add(choice === null ? "null" : typeof choice);
  return types;
}
