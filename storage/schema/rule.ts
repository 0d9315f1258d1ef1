import { params, type Schema } from "./schema.ts";

const comparison: Schema = {
  type: "object",
  description: "What must hold; contains looks into texts and lists, matches is a pattern with * and ?.",
  properties: {
    "==": { description: "It is this.", examples: ["a"] },
    "!=": { description: "It is anything else, or not there.", examples: ["a"] },
    ">": { type: "number", description: "It is a greater number.", examples: [60_000] },
    ">=": { type: "number", description: "It is this number or a greater one.", examples: [60_000] },
    "<": { type: "number", description: "It is a smaller number.", examples: [60_000] },
    "<=": { type: "number", description: "It is this number or a smaller one.", examples: [60_000] },
    contains: { description: "It is a text or a list with this in it.", examples: ["team-a"] },
    matches: {
      type: "string",
      description: "It is a text that fits this pattern of * and ?, whatever its case.",
      examples: ["*-a"],
    },
  },
};

export const rule: Schema = {
  type: "object",
  description: "Sends requests of one kind to an alias or target.",
  required: ["when", "use"],
  properties: {
    name: {
      type: "string",
      minLength: 1,
      description: "What logs call it; absent: its preset, or its place in the list.",
      examples: ["pictures"],
    },
    when: {
      description: "Which requests it is about.",
      anyOf: [
        {
          enum: ["longContext", "background", "think", "default"],
          description:
            "More than 60,000 tokens, models named *haiku*, requests that ask for thinking, or all requests.",
        },
        {
          type: "object",
          description: "What a request must be like; all that is given must hold.",
          properties: {
            tokens: {
              ...comparison,
              description: "Its estimated size in tokens.",
              examples: [{ ">": 60_000 }],
            },
            model: {
              type: "string",
              minLength: 1,
              description: "The model's name as asked for, or a pattern.",
              examples: ["*haiku*"],
            },
            thinking: { type: "boolean", description: "Whether it asks for thinking." },
            tools: { type: "boolean", description: "Whether it offers tools." },
            images: { type: "boolean", description: "Whether it holds images." },
            body: {
              type: "object",
              additionalProperties: comparison,
              description: "Path into its body, with dots, and what must hold there.",
              examples: [{ "metadata.user_id": { contains: "team-a" } }],
            },
          },
        },
      ],
    },
    use: {
      type: "string",
      minLength: 1,
      description: "An alias of the group, or provider/model.",
      examples: ["long", "openrouter/qwen/qwen3-coder"],
    },
    params,
  },
};
