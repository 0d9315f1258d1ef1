import { isObject, type Json, toWord } from "../../adapters/validate.ts";
import { declaredTypes } from "./check-args.ts";

const MAX_NODES = 2000;
const MAX_DEPTH = 32;

/**
 * A tool's schema with only what can be applied to arguments quickly and safely: no patterns, formats and
 * uniqueItems, no addresses, `$ref` only into the schema itself. Types get JSON Schema's names and older drafts'
 * keywords those of 2020-12. Every object of it carries `step`, so that who applies it can count. undefined when the
 * schema is none or too large; a stranger's schema must not cost more than this.
 */
export function sanitizeSchema(schema: unknown): Json | undefined {
  const first = sanitize(schema, LOOSENED);
  // What a reference points to may have been loosened, so where anything was, everything that refers counts as such.
  return first?.loose && first.refers ? sanitize(schema, [...LOOSENED, "$ref"])?.root : first?.root;
}

function sanitize(
  schema: unknown,
  loosened: readonly string[],
): { root: Json; loose: boolean; refers: boolean } | undefined {
  let nodes = 0;
  let tooLarge = false;
  const refs: Json[] = [];
  /** Objects that allow more than what they were made from. */
  const looser = new WeakSet<Json>();

  const clean = (rule: unknown, depth: number): Json | boolean => {
    if (typeof rule === "boolean") return count(depth) && rule;
    if (!isObject(rule) || !count(depth)) return true;
    const out: Json = { step: true };
    let loose = loosened.some((word) => word in rule);
    for (const [word, kind] of Object.entries(KEYWORDS)) {
      if (!Object.hasOwn(rule, word)) continue;
      const value = read(kind, rule[word], depth);
      if (value === undefined) loose ||= kind !== "schemas" && kind !== "map";
      else out[word] = value;
      loose ||= parts(value).some((part) => looser.has(part));
    }
    settle(rule, out, loose, depth);
    if (loose) looser.add(out);
    if (typeof out.$ref === "string") refs.push(out);
    return out;
  };
  const settle = (rule: Json, out: Json, loose: boolean, depth: number): void => {
    const types = declaredTypes(rule);
    if (types.length) out.type = [...new Set(types)];
    // An object of draft 7 has its tuple in `items`.
    if (Array.isArray(rule.items)) {
      out.prefixItems = rule.items.map((item) => clean(item, depth + 1));
      if (rule.additionalItems === undefined) delete out.items;
      else out.items = clean(rule.additionalItems, depth + 1);
    }
    // Draft 4, and Gemini's clients: `exclusiveMinimum: true` beside `minimum`.
    if (rule.exclusiveMinimum === true && out.minimum !== undefined) out.exclusiveMinimum = out.minimum;
    if (rule.exclusiveMaximum === true && out.maximum !== undefined) out.exclusiveMaximum = out.maximum;
    // What allows more on its own forbids more where it is turned round, or shares its place with others.
    if (isObject(rule.patternProperties)) delete out.additionalProperties;
    if (!loose) return;
    if (parts(out.not).some((part) => looser.has(part))) delete out.not;
    if (parts(out.if).some((part) => looser.has(part)))
      for (const word of ["if", "then", "else"]) delete out[word];
    if (parts(out.contains).some((part) => looser.has(part))) delete out.maxContains;
    if (Array.isArray(out.oneOf) && parts(out.oneOf).some((part) => looser.has(part))) {
      const { oneOf } = out;
      delete out.oneOf;
      if (out.anyOf === undefined) out.anyOf = oneOf;
    }
  };
  const read = (kind: Kind, value: unknown, depth: number): unknown => {
    switch (kind) {
      case "schema":
        return isSchema(value) ? clean(value, depth + 1) : undefined;
      case "schemas":
        return Array.isArray(value) && value.length && value.every(isSchema)
          ? value.map((part) => clean(part, depth + 1))
          : undefined;
      case "map":
        return isObject(value) ? mapOf(value, (part) => clean(part, depth + 1)) : undefined;
      case "names":
        return Array.isArray(value)
          ? [...new Set(value.filter((name) => typeof name === "string"))]
          : undefined;
      case "lists":
        return isObject(value) ? mapOf(value, (part) => read("names", part, depth) ?? []) : undefined;
      case "number":
        return typeof value === "number" && Number.isFinite(value) ? value : undefined;
      case "size":
        return Number.isInteger(value) && Number(value) >= 0 ? value : undefined;
      case "values":
        return Array.isArray(value) && value.length && value.every((one) => countValue(one, depth))
          ? value
          : undefined;
      case "value":
        return countValue(value, depth) ? value : undefined;
      case "ref":
        return typeof value === "string" && value.startsWith("#") ? value : undefined;
    }
  };
  const mapOf = (map: Json, convert: (part: unknown) => unknown): Json =>
    Object.fromEntries(
      Object.entries(map).flatMap(([key, part]) =>
        key === "__proto__" || !count(0) ? [] : [[key, convert(part)]],
      ),
    );
  const count = (depth: number): boolean => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) tooLarge = true;
    return !tooLarge;
  };
  const countValue = (value: unknown, depth: number): boolean => {
    if (!count(depth)) return false;
    if (typeof value !== "object" || value === null) return true;
    return Object.values(value).every((part) => countValue(part, depth + 1));
  };

  const root = clean(schema, 0);
  if (tooLarge || !isObject(root)) return undefined;
  const lost = refs.filter((rule) => !pointsInto(root, toWord(rule.$ref)));
  for (const rule of lost) delete rule.$ref;
  return { root, loose: looser.has(root) || lost.length > 0, refers: refs.length > 0 };
}

function pointsInto(root: Json, ref: string): boolean {
  if (ref === "#") return true;
  if (!ref.startsWith("#/") || ref.includes("%")) return false;
  let target: unknown = root;
  for (const step of ref.slice(2).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, key)) return false;
    target = (target as Json)[key];
  }
  return isObject(target) || typeof target === "boolean";
}

const isSchema = (value: unknown): boolean => isObject(value) || typeof value === "boolean";

/** The schemas in a keyword's value. */
function parts(value: unknown): Json[] {
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  return value.step === true ? [value] : Object.values(value).filter(isObject);
}

type Kind = "schema" | "schemas" | "map" | "names" | "lists" | "number" | "size" | "values" | "value" | "ref";

/** What is applied, and what its value must be. */
const KEYWORDS: Record<string, Kind> = {
  $ref: "ref",
  $defs: "map",
  definitions: "map",
  properties: "map",
  additionalProperties: "schema",
  propertyNames: "schema",
  required: "names",
  dependentRequired: "lists",
  dependentSchemas: "map",
  minProperties: "size",
  maxProperties: "size",
  prefixItems: "schemas",
  items: "schema",
  contains: "schema",
  minContains: "size",
  maxContains: "size",
  minItems: "size",
  maxItems: "size",
  enum: "values",
  const: "value",
  minimum: "number",
  maximum: "number",
  exclusiveMinimum: "number",
  exclusiveMaximum: "number",
  multipleOf: "number",
  minLength: "size",
  maxLength: "size",
  anyOf: "schemas",
  oneOf: "schemas",
  allOf: "schemas",
  not: "schema",
  ...Object.fromEntries(["if", "then", "else"].map((word) => [word, "schema" as const])),
};

/** Keywords that are left out although they say something. */
const LOOSENED = [
  "pattern",
  "patternProperties",
  "format",
  "uniqueItems",
  "dependencies",
  "unevaluatedProperties",
  "unevaluatedItems",
  "$dynamicRef",
];
