import { compact, isObject, optionalBoolean, optionalObject, optionalString } from "../validate.ts";
import type { Output } from "../unified.ts";

/** `response_format`; undefined for plain text and for formats that only its provider knows. */
export function parseOutput(value: unknown): Output | undefined {
  const format = optionalObject(value, "response_format");
  if (!format) return undefined;
  const nested = optionalObject(format.json_schema, "response_format.json_schema");
  // Together and others take the schema without the frame, under either type.
  const schema = nested?.schema ?? format.schema;
  if (format.type === "json_object" && !isObject(schema)) return { type: "json" };
  if (format.type !== "json_schema" && format.type !== "json_object") return undefined;
  return compact<Output>({
    type: "json-schema",
    schema: optionalObject(schema, "response_format.json_schema.schema") ?? {},
    name: optionalString(nested?.name, "response_format.json_schema.name"),
    description: optionalString(nested?.description, "response_format.json_schema.description"),
    strict: optionalBoolean(nested?.strict, "response_format.json_schema.strict"),
  });
}
