import { configSchema } from "../../storage/config.schema.ts";
import type { Schema } from "../../storage/schema/schema.ts";
import { toTable } from "./docs-page.ts";

export interface Field {
  /** Names chosen by the user are left out: `providers.limits.concurrent`. */
  path: string;
  schema: Schema;
  required: boolean;
}

/** Every field of the configuration; those that may stand in several places, several times. */
export const fields: readonly Field[] = listFields(configSchema, "");

function listFields(schema: Schema, path: string): Field[] {
  const below = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
      const place = path === "" ? name : `${path}.${name}`;
      const required = schema.required?.includes(name) ?? false;
      return [{ path: place, schema: inner, required }, ...listFields(inner, place)];
    }),
    ...below.flatMap((inner) => (inner ? listFields(inner, path) : [])),
  ];
}

/** What has a table of its own; what is below other fields stands in the table above it, with its path. */
const SECTIONS =
  "server providers limits groups groups.models groups.rules groups.rules.when comparisons compat keys".split(
    " ",
  );

/** What is the same in several places has one table. */
const SHARED: [place: string, section: string][] = [
  ["groups.models.targets", "groups.models"],
  ["groups.models.compat", "compat"],
  ["groups.compat", "compat"],
  ["providers.limits", "limits"],
  ["keys.limits", "limits"],
  ["groups.rules.when.tokens", "comparisons"],
  ["groups.rules.when.body", "comparisons"],
];

function toDocumented(path: string): string {
  for (const [place, section] of SHARED) {
    if (path.startsWith(`${place}.`)) return toDocumented(section + path.slice(place.length));
  }
  return path;
}

/** Section → its table; that of the whole file is called `file`. */
export function writeFieldTables(): Record<string, string> {
  const rows = new Map<string, Map<string, string[]>>();
  for (const { path, schema, required } of fields) {
    const documented = toDocumented(path);
    const section =
      SECTIONS.filter((name) => documented.startsWith(`${name}.`)).toSorted(
        (a, b) => b.length - a.length,
      )[0] ?? "";
    const name = section === "" ? documented : documented.slice(section.length + 1);
    const table = rows.get(section) ?? new Map<string, string[]>();
    rows.set(section, table);
    if (!table.has(name)) table.set(name, toRow(name, documented, schema, required));
  }
  return Object.fromEntries(
    Array.from(rows, ([section, table]) => [
      section === "" ? "file" : section,
      toTable(["field", "what it may be", "default", "meaning"], [...table.values()]),
    ]),
  );
}

function toRow(name: string, path: string, schema: Schema, required: boolean): string[] {
  const { description = "", examples = [] } = schema;
  const shown = examples.map((example) => `\`${toJson(example)}\``).join(", ");
  const fallback =
    schema.default === undefined ? (required ? "needed" : "") : `\`${toJson(schema.default)}\``;
  const section = SECTIONS.includes(path) ? path : SHARED.find(([place]) => place === path)?.[1];
  const link = section === undefined ? "" : ` See [${section}](#${section.replaceAll(".", "")}).`;
  return [
    `\`${name}\``,
    toKind(schema),
    fallback,
    `${description}${shown === "" ? "" : ` For example ${shown}`}${link}`,
  ];
}

/** In words: what a value may be. */
function toKind(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(toKind))].join(", or ");
  if (schema.type === "array") return schema.items ? `list: ${toKind(schema.items)}` : "list";
  if (schema.type === "object")
    return schema.additionalProperties ? `name → ${toKind(schema.additionalProperties)}` : "object";
  if (schema.type === undefined) return "anything";
  const { type, minimum, exclusiveMinimum, maximum } = schema;
  const least =
    minimum === undefined
      ? exclusiveMinimum === undefined
        ? ""
        : ` above ${exclusiveMinimum}`
      : ` from ${minimum}`;
  return `${KINDS[type] ?? type}${least}${maximum === undefined ? "" : ` to ${maximum}`}`;
}

const KINDS: Record<string, string> = { string: "text", integer: "whole number", boolean: "`true`, `false`" };

const toJson = (value: unknown): string =>
  (typeof value === "string" ? value : JSON.stringify(value)).replaceAll("\n", "\\n");
