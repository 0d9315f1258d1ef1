import { isObject, type Json } from "../../adapters/validate.ts";

/** A value that fits a JSON Schema, made of the user's words where those tell, of placeholders where not. */
export function toExample(schema: unknown, text: string, key = "text", depth = 0): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return placeText(key, text);
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length) return pickNamed(schema.enum, text);
  if (schema.default !== undefined) return schema.default;
  const variants = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
  if (schema.type === undefined && variants) return toExample(variants[0], text, key, depth + 1);
  switch (Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? guessType(schema))) {
    case "object":
      return toObject(schema, text, depth);
    case "array": {
      const count = typeof schema.minItems === "number" ? Math.min(schema.minItems, MAX_ITEMS) : 1;
      return Array.from({ length: count }, () => toExample(schema.items, text, key, depth + 1));
    }
    case "integer":
      return Math.trunc(toNumber(schema, text));
    case "number":
      return toNumber(schema, text);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return placeText(key, text);
  }
}

function toObject(schema: Json, text: string, depth: number): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const names = required.filter((name): name is string => typeof name === "string");
  return Object.fromEntries(names.map((name) => [name, toExample(properties[name], text, name, depth + 1)]));
}

/** The text for a key: a place after "in", a quoted part, something that looks like what the key asks for. */
function placeText(key: string, text: string): string {
  const quoted = /"([^"\n]{1,500})"|`([^`\n]{1,500})`|“([^”\n]{1,500})”/.exec(text);
  const inQuotes = quoted?.[1] ?? quoted?.[2] ?? quoted?.[3];
  const name = key.toLowerCase();
  if (/city|location|place|town|country|where/.test(name)) {
    return (
      /\b(?:in|for|at|of) (\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*){0,3})/u.exec(text)?.[1] ??
      inQuotes ??
      "Paris"
    );
  }
  if (/url|uri|link/.test(name)) return /https?:\/\/[^\s"'`<>]+/.exec(text)?.[0] ?? "https://example.com";
  if (/path|file|dir/.test(name)) {
    return /(?:^|[\s"'`])([\w~-]*[/.][\w./-]*\w)/.exec(text)?.[1] ?? inQuotes ?? "example.txt";
  }
  if (/command|cmd|shell/.test(name)) return inQuotes ?? "echo demo";
  if (/query|search|prompt|question|message|description|input/.test(name))
    return inQuotes ?? text.slice(0, 200);
  return inQuotes ?? "example";
}

function toNumber(schema: Json, text: string): number {
  const least = typeof schema.minimum === "number" ? schema.minimum : undefined;
  const most = typeof schema.maximum === "number" ? schema.maximum : undefined;
  const said = /-?\d{1,12}(?:\.\d{1,6})?/.exec(text)?.[0];
  const number = said === undefined ? (least ?? 1) : Number(said);
  return Math.min(most ?? number, Math.max(least ?? number, number));
}

/** The first choice that the text names, else the first. */
const pickNamed = (choices: unknown[], text: string): unknown =>
  choices.find((choice) => typeof choice === "string" && choice !== "" && text.includes(choice)) ??
  choices[0];

const guessType = (schema: Json): string => (isObject(schema.properties) ? "object" : "string");

const MAX_DEPTH = 8;
const MAX_ITEMS = 3;
