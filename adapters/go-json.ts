import { GatewayError } from "./errors.ts";
import { isObject, type Json } from "./validate.ts";

/**
 * Reads bodies as Go's encoding/json reads them into structs, with its error texts: keys match case-insensitively,
 * `null` is unset, unknown keys pass. For protocols whose own server is written in Go, so that clients which look
 * for its words find them.
 */
export interface GoStruct {
  /** `ChatRequest.messages`: the root type and the fields that lead here. */
  path: string;
  /** All keys in lower case; of keys that differ only by case the last one counts. */
  fields: Json;
}

/** The body of a request. `type` is the Go type that the texts name: `ChatRequest`. */
export function readGoBody(body: unknown, type: string): GoStruct {
  if (body === undefined) throw refuse("missing request body");
  if (body === null) return { path: type, fields: {} };
  if (!isObject(body)) throw refuse(`json: cannot unmarshal ${word(body)} into Go value of type api.${type}`);
  return { path: type, fields: foldKeys(body) };
}

/** Keys in lower case, in their order. */
export function foldKeys(object: Json): Json {
  const folded: Json = {};
  for (const [key, value] of Object.entries(object)) {
    const lower = key.toLowerCase();
    if (lower !== "__proto__") folded[lower] = value;
  }
  return folded;
}

/** A value that is to be a struct of its own; `path` is where it stands. */
export function readGoStruct(value: unknown, path: string, type: string): GoStruct {
  if (value === null || value === undefined) return { path, fields: {} };
  if (!isObject(value)) throw mismatch(value, path, type);
  return { path, fields: foldKeys(value) };
}

export function goString(from: GoStruct, key: string): string | undefined {
  const value = from.fields[key];
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  throw mismatch(value, `${from.path}.${key}`, "string");
}

export function goBoolean(from: GoStruct, key: string): boolean | undefined {
  const value = from.fields[key];
  if (value === undefined || value === null || typeof value === "boolean") return value ?? undefined;
  throw mismatch(value, `${from.path}.${key}`, "bool");
}

export function goInteger(from: GoStruct, key: string): number | undefined {
  const value = from.fields[key];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value)) return value as number;
  const found = typeof value === "number" ? `number ${value}` : word(value);
  throw mismatch(value, `${from.path}.${key}`, "int", found);
}

export function goArray(from: GoStruct, key: string, type: string): unknown[] | undefined {
  const value = from.fields[key];
  if (value === undefined || value === null || Array.isArray(value)) return value ?? undefined;
  throw mismatch(value, `${from.path}.${key}`, type);
}

export function goObject(from: GoStruct, key: string, type: string): Json | undefined {
  const value = from.fields[key];
  if (value === undefined || value === null || isObject(value)) return value ?? undefined;
  throw mismatch(value, `${from.path}.${key}`, type);
}

/** Go's `%q`: the text in quotes, escaped. */
export const goQuote = (text: string): string => JSON.stringify(text);

/** A value of the wrong type at `path` (`ChatRequest.messages.content`), which wanted the Go type `type`. */
export function mismatch(value: unknown, path: string, type: string, found = word(value)): GatewayError {
  return new GatewayError(
    "invalid-request",
    `json: cannot unmarshal ${found} into Go struct field ${path} of type ${type}`,
    { param: path.slice(path.indexOf(".") + 1) },
  );
}

export const refuse = (message: string): GatewayError => new GatewayError("invalid-request", message);

function word(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
