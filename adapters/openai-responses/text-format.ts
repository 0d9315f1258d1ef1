import { compact, type Json } from "../validate.ts";
import type { Output } from "../unified.ts";

/** `text.format` for a wanted form of answer. */
export function writeFormat(output: Output | undefined): Json {
  if (!output) return { type: "text" };
  if (output.type === "json") return { type: "json_object" };
  const { schema, name, description, strict } = output;
  return compact({ type: "json_schema", name: toFormatName(name), description, strict, schema });
}

/** A name is required, of letters, digits, `_` and `-`, at most 64. */
const toFormatName = (name: string | undefined): string =>
  (name ?? "").replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "response";
