/**
 * The JSON Schema of `config.json`: what editors complete and explain from, and what a file is checked against first.
 * What a schema cannot say is in `check-config.ts`. Unknown fields are allowed, so that a newer file still works.
 */
export interface Schema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  default?: unknown;
  examples?: readonly unknown[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  required?: readonly string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  anyOf?: readonly Schema[];
}

const strings = (description: string, examples?: readonly unknown[]): Schema => ({
  type: "array",
  items: { type: "string", minLength: 1 },
  description,
  ...(examples && { examples }),
});

const milliseconds = (description: string): Schema => ({ type: "integer", minimum: 1, description });

const count = (description: string): Schema => ({ type: "integer", minimum: 1, description });

const limits = (description: string): Schema => ({
  type: "object",
  description,
  properties: {
    requestsPerMinute: count("Requests within a minute."),
    tokensPerMinute: count("Tokens read and written within a minute."),
    tokensPerDay: count("Tokens read and written until midnight UTC."),
    concurrent: count("Requests that run at the same time."),
  },
  examples: [{ requestsPerMinute: 60, tokensPerDay: 2_000_000 }],
});

const tools: Schema = {
  enum: ["auto", "native", "compat"],
  default: "auto",
  description:
    "How tools reach the model: native where it has them and emulated where not (auto), always native, or always emulated (compat).",
};

const params: Schema = {
  type: "object",
  description: "Fields merged into the request body last, in the provider's own words.",
  examples: [{ provider: { sort: "throughput" } }],
};

const compat: Schema = {
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

const server: Schema = {
  type: "object",
  description: "How the daemon listens.",
  properties: {
    host: {
      type: "string",
      minLength: 1,
      default: "127.0.0.1",
      description: "Address to listen on. Anything but loopback needs a client key.",
    },
    port: {
      type: "integer",
      minimum: 0,
      maximum: 65_535,
      default: 11_434,
      description: "Port to listen on.",
    },
    ollamaOpen: {
      type: "boolean",
      default: true,
      description:
        "Whether Ollama routes need no client key from this machine; Ollama clients cannot send one.",
    },
    origins: strings("Further browser origins that may call.", [["https://app.example"]]),
    hosts: strings("Further host names under which the daemon may be addressed.", [["proxy.lan"]]),
    maxBodyBytes: {
      type: "integer",
      minimum: 1024,
      default: 33_554_432,
      description: "Largest request body in bytes.",
    },
    maxConnections: {
      type: "integer",
      minimum: 1,
      default: 4000,
      description: "Connections open at once; further ones are answered 503.",
    },
    keepResponses: {
      enum: ["memory", "disk", "off"],
      default: "memory",
      description: "Where answers are kept that a later request may refer to; they hold whole conversations.",
    },
    drainMs: {
      type: "integer",
      minimum: 0,
      default: 10_000,
      description:
        "How long running answers may go on when the daemon is told to end, in milliseconds; what is left then ends with an error.",
    },
    maxWaitMs: {
      type: "integer",
      minimum: 0,
      default: 10_000,
      description: "How long a request waits for a provider key that is about to come back, in milliseconds.",
    },
    maxConcurrent: {
      type: "integer",
      minimum: 1,
      default: 2000,
      description: "How many requests run at once before further ones are refused with 503.",
    },
    logBodies: {
      enum: ["off", "on"],
      default: "off",
      description: "Whether the request log holds what clients ask and are answered; never headers or keys.",
    },
    logBodyBytes: {
      type: "integer",
      minimum: 1,
      default: 16_384,
      description: "How much of a body the request log holds, in bytes.",
    },
  },
};

const provider: Schema = {
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
      description: "Its address, as its documentation gives it.",
      examples: ["https://openrouter.ai/api/v1", "http://192.168.1.9:11434"],
    },
    keys: strings(
      "Its keys, used in turn: a literal, env:NAME or file:PATH. None: requests go out without a key.",
      [["env:OPENROUTER_API_KEY"]],
    ),
    headers: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "Further headers of every request to it.",
    },
    params,
    models: strings("Its model names, where it has no list of its own or a shorter one is wanted."),
    timeouts: {
      type: "object",
      description: "Limits in milliseconds.",
      properties: {
        connect: milliseconds("To reach it."),
        firstEvent: milliseconds("From the request to the first event of the answer."),
        idle: milliseconds("Between two events."),
        total: milliseconds("For the whole answer; absent: no limit."),
      },
    },
    limits: limits("What each of its keys may be used for; one that is used up is passed over."),
    proxy: { type: "string", minLength: 1, description: "URL of an HTTP proxy on the way to it." },
    caFile: { type: "string", minLength: 1, description: "PEM file of a further certificate authority." },
    allowPrivate: {
      type: "boolean",
      description:
        "Whether its name may lead to a private address; default: only where baseUrl names one, or a local name such as nas or box.lan.",
    },
    quirks: { type: "object", description: "Deviations of this service from its protocol." },
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
      description: "Model (a name or a pattern with *) and the tokens of its context, as clients are told.",
      examples: [{ "gemma-3-*": 131_072 }],
      additionalProperties: { type: "integer", minimum: 1 },
    },
    enabled: { type: "boolean", default: true, description: "false: not used." },
  },
};

const targetText: Schema = {
  type: "string",
  minLength: 1,
  description: "provider/model; * as the model stands for the name the client asked for.",
};

const targetFields: Record<string, Schema> = {
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

const target: Schema = {
  anyOf: [targetText, { type: "object", required: ["target"], properties: targetFields }],
};

const targets: Schema = {
  type: "array",
  minItems: 1,
  items: target,
  description: "Targets, one of which serves a request.",
};

const strategy: Schema = {
  enum: ["round-robin", "priority", "least-latency", "sticky"],
  description:
    "Which target and key comes first: all in turn by weight, in the order of the list, the one that began to answer soonest, or the same one for the whole of a conversation.",
};

const comparison: Schema = {
  type: "object",
  description: "What must hold; contains looks into texts and lists, matches is a pattern with * and ?.",
  properties: {
    "==": { description: "It is this." },
    "!=": { description: "It is anything else, or not there." },
    ">": { type: "number", description: "It is a greater number." },
    ">=": { type: "number", description: "It is this number or a greater one." },
    "<": { type: "number", description: "It is a smaller number." },
    "<=": { type: "number", description: "It is this number or a smaller one." },
    contains: { description: "It is a text or a list with this in it." },
    matches: { type: "string", description: "It is a text that fits this pattern, whatever its case." },
  },
};

const rule: Schema = {
  type: "object",
  description: "Sends requests of one kind to an alias or target.",
  required: ["when", "use"],
  properties: {
    name: { type: "string", minLength: 1, description: "What logs call it." },
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

const group: Schema = {
  type: "object",
  description: "A named set of aliases and settings, chosen by the path.",
  required: ["models"],
  properties: {
    models: {
      type: "object",
      description: "Alias (a name or a pattern with *) and the targets behind it.",
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
        text: { type: "string", description: "The text." },
        position: { enum: ["system", "user"], default: "system", description: "Where the text goes." },
        models: strings("Only for these aliases (patterns); absent: for all."),
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

const key: Schema = {
  type: "object",
  description: "A client's key to the daemon; made with 'ccproxy key add'.",
  required: ["name", "hash"],
  properties: {
    name: { type: "string", minLength: 1, description: "Whose key it is." },
    hash: {
      type: "string",
      minLength: 1,
      description: "HMAC-SHA256 of the key in hexadecimal; the key itself is kept nowhere.",
    },
    groups: strings("Groups it reaches; absent: all."),
    models: strings("Models it may ask for, names or patterns with *; absent: all.", [["claude-*", "small"]]),
    protocols: {
      type: "array",
      items: { enum: ["openai", "openai-responses", "claude", "gemini", "ollama"] },
      description: "Protocols it may speak; absent: all.",
    },
    addresses: strings("Addresses or networks it may come from; absent: all.", [["192.168.1.0/24"]]),
    direct: {
      type: "boolean",
      default: false,
      description: "Whether it may name a target itself, as provider/model.",
    },
    limits: limits("What it may use; what is beyond is refused with 429."),
    createdAt: { type: "string", description: "ISO date." },
    expiresAt: {
      type: "string",
      description: "ISO date from which it is refused.",
      examples: ["2030-01-01T00:00:00Z"],
    },
    enabled: { type: "boolean", default: true, description: "false: refused." },
  },
};

export const configSchema: Schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "ccproxy configuration",
  type: "object",
  properties: {
    $schema: { type: "string", description: "Where this schema is, for editors." },
    server,
    providers: {
      type: "object",
      description: "Services that are called, by a name of your own.",
      additionalProperties: provider,
    },
    groups: { type: "object", description: "Groups by name.", additionalProperties: group },
    activeGroup: { type: "string", default: "default", description: "The group that /switch serves." },
    keys: { type: "object", description: "Client keys by id.", additionalProperties: key },
  },
};
