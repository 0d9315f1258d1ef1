import type { Schema } from "../storage/schema/schema.ts";

/** What commands print with --json is described in these; `docs/cli.schema.json` is made of them. */
export const text: Schema = { type: "string" };
export const number: Schema = { type: "number" };
export const yesNo: Schema = { type: "boolean" };
/** Whatever there is: other programs' data, and settings that the configuration's own schema describes. */
export const anything: Schema = {};

export const oneOf = (...values: readonly unknown[]): Schema => ({ enum: values });
export const list = (items: Schema): Schema => ({ type: "array", items });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
/** Names chosen by users, each with its value. */
export const table = (values: Schema): Schema => ({ type: "object", additionalProperties: values });

/** An object with these fields; those of `maybe` may be absent. Further fields may come with later versions. */
export const record = (fields: Record<string, Schema>, maybe: Record<string, Schema> = {}): Schema => ({
  type: "object",
  properties: { ...fields, ...maybe },
  required: Object.keys(fields),
});

/** What several commands print. */
export const problem = record({ message: text, pointer: text }, { line: number, column: number, next: text });
export const providerShape = record(
  { id: text, protocol: text, baseUrl: text },
  { keys: list(text), disabledKeys: list(text), models: list(text), enabled: yesNo, missingKeys: list(text) },
);
export const targetShape: Schema = {
  anyOf: [text, record({ target: text }, { weight: number, tools: text, enabled: yesNo })],
};
export const groupShape = record(
  { name: text, models: table(anything) },
  { tools: text, strategy: text, toolFilter: list(text), temperatureRatio: number },
);
export const keyFields: Record<string, Schema> = {
  groups: list(text),
  models: list(text),
  protocols: list(text),
  addresses: list(text),
  expiresAt: text,
};
export const keyShape = record({ id: text, name: text, enabled: yesNo }, keyFields);
export const startedShape = record({ url: text, pid: number, started: yesNo });
