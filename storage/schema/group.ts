import { compat, tools } from "./compat.ts";
import { rule } from "./rule.ts";
import { strings, type Schema } from "./schema.ts";
import { targetFields, targets, targetText } from "./target.ts";

const strategy: Schema = {
  enum: ["round-robin", "priority", "least-latency", "sticky"],
  description:
    "Which target and key comes first: all in turn by weight, in the order of the list, the one that began to answer soonest, or the same one for the whole of a conversation.",
};

export const group: Schema = {
  type: "object",
  description: "A named set of aliases and settings, chosen by the path.",
  required: ["models"],
  properties: {
    models: {
      type: "object",
      description:
        "Alias (a name or a pattern with * and ?) and the targets behind it. An exact alias wins over patterns, of those the most specific.",
      examples: [{ "claude-*": ["openrouter/qwen/qwen3-coder"] }],
      additionalProperties: {
        anyOf: [
          targetText,
          targets,
          {
            type: "object",
            description: "One target, or several (targets) with a strategy of their own.",
            properties: { ...targetFields, targets, strategy },
          },
        ],
      },
    },
    strategy,
    rules: {
      type: "array",
      items: rule,
      description: "Looked at in order before the aliases; the first that holds decides.",
      examples: [[{ when: "longContext", use: "long" }]],
    },
    failover: {
      type: "object",
      description: "What else another target is asked for.",
      properties: {
        missingModel: {
          type: "boolean",
          default: false,
          description: "The provider does not know the model.",
        },
        contextOverflow: {
          type: "boolean",
          default: false,
          description: "The conversation is too long for the model.",
        },
      },
    },
    tools,
    compat,
    prompt: {
      type: "object",
      description: "What happens to the caller's system prompt.",
      required: ["mode"],
      properties: {
        mode: {
          enum: ["off", "enhance", "replace"],
          description: "Leave it, append text to it, or put text in its place.",
        },
        text: { type: "string", description: "The text.", examples: ["Answer in Spanish."] },
        position: { enum: ["system", "user"], default: "system", description: "Where the text goes." },
        models: strings("Only for these aliases (patterns); absent: for all.", [["claude-*"]]),
        replace: {
          type: "array",
          description: "Words to find in the caller's system prompt, and what to put there.",
          items: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 },
          examples: [[["old words", "new words"]]],
        },
      },
    },
    toolFilter: strings("Tools that never reach the model.", [["WebFetch", "WebSearch"]]),
    temperatureRatio: {
      type: "number",
      minimum: 0,
      description: "The caller's temperature is multiplied by this.",
      examples: [0.7],
    },
  },
};
