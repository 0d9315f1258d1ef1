import { limits, milliseconds, params, strings, type Schema } from "./schema.ts";

export const provider: Schema = {
  type: "object",
  description: "A service that is called.",
  required: ["protocol", "baseUrl"],
  properties: {
    protocol: {
      enum: ["openai", "openai-responses", "claude", "gemini", "ollama"],
      description: "What the service speaks; openai means chat completions.",
    },
    baseUrl: {
      type: "string",
      minLength: 1,
      description:
        "Its address, as its documentation gives it; a missing or doubled /v1, /v1beta or /api is tolerated.",
      examples: ["https://openrouter.ai/api/v1", "http://192.168.1.9:11434"],
    },
    keys: strings(
      "Its keys, used in turn: a literal, env:NAME or file:PATH. None: requests go out without a key.",
      [["env:OPENROUTER_API_KEY"]],
    ),
    disabledKeys: strings(
      "Keys that are kept, but not used; 'ccproxy provider key enable' takes them back. A provider with nothing but these is not asked.",
      [["env:OPENROUTER_KEY_2"]],
    ),
    headers: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "Further headers of every request to it.",
      examples: [{ "HTTP-Referer": "https://app.example" }],
    },
    params,
    models: strings("Its model names, where it has no list of its own or a shorter one is wanted.", [
      ["qwen/qwen3-coder"],
    ]),
    timeouts: {
      type: "object",
      description: "Limits in milliseconds.",
      properties: {
        connect: milliseconds("To reach it.", 15_000),
        firstEvent: milliseconds("From the request to the first event of the answer.", 600_000),
        idle: milliseconds("Between two events.", 300_000),
        total: milliseconds("For the whole answer; absent: no limit.", 900_000),
      },
    },
    limits: limits("What each of its keys may be used for; one that is used up is passed over."),
    proxy: {
      type: "string",
      minLength: 1,
      description: "URL of an HTTP proxy on the way to it.",
      examples: ["http://proxy.lan:3128"],
    },
    caFile: {
      type: "string",
      minLength: 1,
      description: "PEM file of a further certificate authority; certificates are always verified.",
      examples: ["/etc/ssl/company.pem"],
    },
    allowPrivate: {
      type: "boolean",
      description:
        "Whether its name may lead to a private address; default: only where baseUrl names one, or a local name such as nas or box.lan.",
    },
    askWhole: {
      type: "boolean",
      default: false,
      description:
        "true: a client that wants a whole answer makes it be asked for one, which costs less; default: for a stream all the same, which shows that it is at work.",
    },
    quirks: {
      type: "object",
      description: "Deviations of this service from its protocol, over those that are built in.",
      examples: [{ maxTokensField: "max_completion_tokens" }],
    },
    capabilities: {
      type: "object",
      description: "Model (a name or a pattern with *) and all it can do; what is not listed, it lacks.",
      examples: [{ "gemma-3-*": ["vision", "json"], "*": ["tools", "json"] }],
      additionalProperties: {
        type: "array",
        items: { enum: ["tools", "vision", "thinking", "json"] },
      },
    },
    contextLength: {
      type: "object",
      description:
        "Model (a name or a pattern with *) and the tokens of its context, as clients are told; of one that nobody knows they are told none.",
      examples: [{ "gemma-3-*": 131_072 }],
      additionalProperties: { type: "integer", minimum: 1 },
    },
    enabled: { type: "boolean", default: true, description: "false: taken out of every alias." },
  },
};
