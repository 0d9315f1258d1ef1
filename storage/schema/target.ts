import { compat, tools } from "./compat.ts";
import { params, type Schema } from "./schema.ts";

export const targetText: Schema = {
  type: "string",
  minLength: 1,
  description: "provider/model; * as the model stands for the name the client asked for.",
};

export const targetFields: Record<string, Schema> = {
  target: { ...targetText, examples: ["lan/qwen3-coder:30b"] },
  weight: {
    type: "number",
    exclusiveMinimum: 0,
    default: 1,
    description: "Its share among the targets of the alias.",
  },
  tools,
  compat,
  params,
  enabled: { type: "boolean", default: true, description: "false: not used." },
};

export const target: Schema = {
  anyOf: [targetText, { type: "object", required: ["target"], properties: targetFields }],
};

export const targets: Schema = {
  type: "array",
  minItems: 1,
  items: target,
  description: "Targets, one of which serves a request.",
  examples: [["openrouter/qwen/qwen3-coder", { target: "lan/qwen3-coder:30b", weight: 2 }]],
};
