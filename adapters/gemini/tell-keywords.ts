import { isObject, type Json } from "../validate.ts";
import type { Kind } from "./schema-type.ts";

/** A schema's description, with what Gemini has no keyword for put in words behind it. */
export function tellKeywords(
  schema: Json,
  kind: Kind | undefined,
  ...others: (string | undefined)[]
): string {
  const told = others.filter((text) => text !== undefined);
  for (const [key, value] of Object.entries(schema)) {
    if (!isTelling(key, value, kind)) continue;
    const text = JSON.stringify(value);
    // What is longer than a line says more about the schema's author than to the model.
    if (text.length <= MAX_LENGTH) told.push(`${key}: ${text}`);
  }
  const said = typeof schema.description === "string" ? schema.description : "";
  return [said, told.length ? `(${told.join("; ")})` : ""].filter((text) => text !== "").join(" ");
}

function isTelling(key: string, value: unknown, kind: Kind | undefined): boolean {
  switch (key) {
    case "format":
      return kind === "string" && typeof value === "string" && value !== "date-time" && value !== "enum";
    case "additionalProperties":
      return isObject(value) && Object.keys(value).length > 0;
    case "uniqueItems":
      return value === true;
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return kind === "number" && typeof value === "number";
    default:
      return TELLING.has(key) && value !== null;
  }
}

const MAX_LENGTH = 300;
const TELLING = new Set([
  "default",
  "examples",
  "multipleOf",
  "patternProperties",
  "propertyNames",
  "contains",
  "not",
]);
