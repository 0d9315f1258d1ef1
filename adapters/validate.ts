import { GatewayError } from "./errors.ts";

/**
 * Readers for what a caller sent: each returns the value in its type or throws a sentence that says where and what
 * was expected. `null` counts as absent for the optional ones. Unknown fields are never looked at.
 */
export type Json = Record<string, unknown>;

export function invalid(where: string, expected: string, got?: unknown): GatewayError {
  const found = got === undefined ? "" : `, got ${describe(got)}`;
  return new GatewayError("invalid-request", `${where}: expected ${expected}${found}`, { param: where });
}

/** A value's type in words, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "array";
  if (typeof value === "string") return value.length > 40 ? "string" : JSON.stringify(value);
  return typeof value;
}

/** A value as a word, to be looked up or shown. `String()` would throw for objects with a `toString` of their own. */
export const toWord = (value: unknown): string =>
  typeof value === "object" && value !== null ? describe(value) : String(value);

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Has nothing but these fields; what is null says nothing. */
export function holdsOnly(held: Json, names: ReadonlySet<string>): boolean {
  for (const name in held) if (!names.has(name) && (held[name] ?? null) !== null) return false;
  return true;
}

export function readObject(value: unknown, where: string): Json {
  if (isObject(value)) return value;
  throw invalid(where, "object", value ?? null);
}

export function optionalObject(value: unknown, where: string): Json | undefined {
  return value === undefined || value === null ? undefined : readObject(value, where);
}

export function readArray(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(where, "array", value ?? null);
}

export function optionalArray(value: unknown, where: string): unknown[] | undefined {
  return value === undefined || value === null ? undefined : readArray(value, where);
}

export function readString(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw invalid(where, "string", value ?? null);
}

export function optionalString(value: unknown, where: string): string | undefined {
  return value === undefined || value === null ? undefined : readString(value, where);
}

/** A non-empty string. */
export function readName(value: unknown, where: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(where, "non-empty string", value ?? null);
}

export function optionalNumber(value: unknown, where: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw invalid(where, "number", value);
}

export function optionalInteger(value: unknown, where: string): number | undefined {
  const number = optionalNumber(value, where);
  if (number === undefined || Number.isInteger(number)) return number;
  throw invalid(where, "integer", value);
}

export function optionalBoolean(value: unknown, where: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw invalid(where, "boolean", value);
}

/** A string or an array of strings, as an array; absent when empty. */
export function optionalStrings(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return [value];
  const strings = readArray(value, where).map((item, index) => readString(item, `${where}[${index}]`));
  return strings.length ? strings : undefined;
}

/** `object` without its undefined fields, so that optional stays absent on the wire. */
export function compact<T extends object>(object: T): T {
  const given = object as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(given)) {
    const value = given[key];
    if (value !== undefined && key !== "__proto__") result[key] = value;
  }
  return result as T;
}

/** The fields of `body` that are not in `known`: what only the same protocol understands. */
export function unknownFields(body: Json, known: ReadonlySet<string>): Json | undefined {
  let extra: Json | undefined;
  for (const key of Object.keys(body)) {
    if (known.has(key) || key === "__proto__") continue;
    extra ??= {};
    extra[key] = body[key];
  }
  return extra;
}
