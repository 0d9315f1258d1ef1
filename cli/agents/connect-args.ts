import type { ArgsDef } from "citty";

/** The flags that say what an agent asks for, and as whom. */
export const connectArgs = {
  group: {
    type: "string",
    valueHint: "name",
    description: "The group to use; switch follows the active one.",
  },
  model: { type: "string", valueHint: "name", description: "The model it asks for." },
  compat: { type: "boolean", description: "Always emulate tool calls." },
  key: {
    type: "string",
    valueHint: "key",
    description: "The client key: env:NAME, file:PATH, or - for standard input; default $CCPROXY_KEY.",
  },
  "new-key": { type: "boolean", description: "Make a client key for it, which is used from then on." },
} satisfies ArgsDef;
