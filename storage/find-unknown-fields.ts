import type { Schema } from "./schema/schema.ts";
import { toPointer } from "./json-position.ts";
import { suggest } from "./suggest.ts";
import type { ConfigProblem } from "./types.ts";

/** Fields that the schema does not name: kept as they are, but probably slips of the pen. */
export function findUnknownFields(value: unknown, schema: Schema, path: string[] = []): ConfigProblem[] {
  if (Array.isArray(value)) {
    const { items } = pick(schema, "array");
    return items
      ? value.flatMap((item, index) => findUnknownFields(item, items, [...path, String(index)]))
      : [];
  }
  if (typeof value !== "object" || value === null) return [];
  const { properties, additionalProperties } = pick(schema, "object");
  if (!properties && !additionalProperties) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const known = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known) return findUnknownFields(member, known, [...path, name]);
    const meant = suggest(name, Object.keys(properties ?? {}));
    const pointer = toPointer([...path, name]);
    return [
      { pointer, message: `${pointer}: unknown field, ignored${meant ? `; did you mean "${meant}"?` : ""}` },
    ];
  });
}

const pick = (schema: Schema, type: string): Schema =>
  schema.anyOf?.find((branch) => branch.type === type) ?? schema;
