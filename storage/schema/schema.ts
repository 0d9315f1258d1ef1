/** What of JSON Schema the configuration is described with. */
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

export const strings = (description: string, examples?: readonly unknown[]): Schema => ({
  type: "array",
  items: { type: "string", minLength: 1 },
  description,
  ...(examples && { examples }),
});

/** `example`: where there is no default that the schema may set: what is not given is looked up elsewhere. */
export const milliseconds = (description: string, example: number): Schema => ({
  type: "integer",
  minimum: 1,
  description,
  examples: [example],
});

const count = (description: string, example: number): Schema => ({
  type: "integer",
  minimum: 1,
  description,
  examples: [example],
});

export const limits = (description: string): Schema => ({
  type: "object",
  description,
  properties: {
    requestsPerMinute: count("Requests within a minute.", 60),
    tokensPerMinute: count("Tokens read and written within a minute.", 100_000),
    tokensPerDay: count(
      "Tokens read and written until midnight UTC; what is used is kept over a restart.",
      2_000_000,
    ),
    concurrent: count("Requests that run at the same time.", 4),
  },
  examples: [{ requestsPerMinute: 60, tokensPerDay: 2_000_000 }],
});

export const params: Schema = {
  type: "object",
  description: "Fields merged into the request body last, in the provider's own words; null removes a field.",
  examples: [{ provider: { sort: "throughput" } }],
};
