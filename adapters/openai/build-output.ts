import { compact } from "../validate.ts";
import type { Output, TextPart } from "../unified.ts";
import type { Quirks } from "./quirks.ts";

export interface BuiltOutput {
  response_format?: Record<string, unknown>;
  /** Says the format in words, where the provider cannot be told. */
  instruction?: TextPart;
}

/** The output format. A schema that a provider knows only as text is no longer enforced: that is in `dropped`. */
export function buildOutput(
  output: Output | undefined,
  { quirks, dropped, asText }: { quirks: Quirks; dropped: string[]; asText: boolean },
): BuiltOutput {
  if (!output) return {};
  if (asText) return { instruction: instruct(output) };
  if (output.type === "json") {
    return { response_format: quirks.outputs === "json_schema" ? ANY_OBJECT : { type: "json_object" } };
  }
  if (quirks.outputs === "json_object") {
    dropped.push("response_format.json_schema");
    return { response_format: { type: "json_object" }, instruction: instruct(output) };
  }
  const { name, description, schema, strict } = output;
  const wireName = (name ?? "").replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "response";
  return {
    response_format: {
      type: "json_schema",
      json_schema: compact({ name: wireName, description, schema, strict }),
    },
  };
}

function instruct(output: Output): TextPart {
  const schema =
    output.type === "json" ? "" : ` It must match this JSON Schema: ${JSON.stringify(output.schema)}`;
  return { type: "text", text: `Answer with one JSON object and nothing else.${schema}` };
}

const ANY_OBJECT = {
  type: "json_schema",
  json_schema: { name: "response", schema: { type: "object" } },
};
