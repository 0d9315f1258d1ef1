import type { Schema } from "./schema.ts";

export const tools: Schema = {
  enum: ["auto", "native", "compat"],
  default: "auto",
  description:
    "How tools reach the model: native where it has them and emulated where not (auto), always native, or always emulated (compat).",
};

export const compat: Schema = {
  type: "object",
  description: "How tools are emulated for models that have none.",
  properties: {
    dialect: {
      enum: ["hermes", "fence", "qwen", "glm", "invoke", "mistral", "deepseek", "dsml", "kimi"],
      description: "The notation in which calls are asked for; absent: by model family.",
    },
    strict: {
      type: "boolean",
      default: false,
      description: "true: no repairs and no asking again; a call that is not exactly right stays text.",
    },
    reasks: {
      type: "integer",
      minimum: 0,
      maximum: 2,
      default: 1,
      description: "How often the model is asked again about a call that failed.",
    },
    prompt: {
      type: "string",
      minLength: 1,
      description:
        "The tool prompt in place of the built-in one; {tools} stands for the tools, {example} for a call.",
      examples: ["Tools, one per line:\n{tools}\n\nTo call one, write:\n{example}"],
    },
  },
};
