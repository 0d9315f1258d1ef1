import { limits, strings, type Schema } from "./schema.ts";

export const key: Schema = {
  type: "object",
  description: "A client's key to the daemon; made with 'ccproxy key add'.",
  required: ["name", "hash"],
  properties: {
    name: { type: "string", minLength: 1, description: "Whose key it is.", examples: ["my-laptop"] },
    hash: {
      type: "string",
      minLength: 1,
      description:
        "HMAC-SHA256 of the key with this installation's pepper, in hexadecimal; the key itself is kept nowhere.",
    },
    groups: strings("Groups it reaches; absent: all.", [["coding"]]),
    models: strings("Models it may ask for, names or patterns with *; absent: all.", [["claude-*", "small"]]),
    protocols: {
      type: "array",
      items: { enum: ["openai", "openai-responses", "claude", "gemini", "ollama"] },
      description: "Protocols it may speak; absent: all.",
      examples: [["openai", "claude"]],
    },
    addresses: strings("Addresses or networks it may come from; absent: all.", [["192.168.1.0/24"]]),
    direct: {
      type: "boolean",
      default: false,
      description: "Whether it may name a target itself, as provider/model.",
    },
    limits: limits("What it may use; what is beyond is refused with 429."),
    createdAt: {
      type: "string",
      description: "ISO date on which it was made.",
      examples: ["2029-12-31T12:00:00Z"],
    },
    expiresAt: {
      type: "string",
      description: "ISO date from which it is refused.",
      examples: ["2030-01-01T00:00:00Z"],
    },
    enabled: { type: "boolean", default: true, description: "false: refused; what runs on it ends." },
  },
};
