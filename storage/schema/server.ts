import { strings, type Schema } from "./schema.ts";

export const server: Schema = {
  type: "object",
  description: "How the daemon listens.",
  properties: {
    host: {
      type: "string",
      minLength: 1,
      default: "127.0.0.1",
      description:
        "Address to listen on. Anything but loopback needs a client key, else the daemon does not start.",
    },
    port: {
      type: "integer",
      minimum: 0,
      maximum: 65_535,
      default: 11_434,
      description:
        "Port to listen on. One that is taken is an error that says by whom; it is never moved in silence.",
    },
    ollamaOpen: {
      type: "boolean",
      default: true,
      description:
        "Whether Ollama routes need no client key from this machine; Ollama clients cannot send one.",
    },
    origins: strings("Further origins of web pages that may call, exact.", [["https://app.example"]]),
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
      description: "Connections open at once; further ones are answered 503. Read at the start.",
    },
    keepResponses: {
      enum: ["memory", "disk", "off"],
      default: "memory",
      description:
        "Where answers of the Responses API are kept for previous_response_id, for 7 days at most; they hold whole conversations. Read at the start.",
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
      description:
        "How long a request waits for a provider key that is about to come back, in milliseconds; 0: not at all.",
    },
    workers: {
      type: "integer",
      minimum: 1,
      maximum: 64,
      default: 1,
      description:
        "How many processes answer requests behind the one port, read at the start; 1: the daemon itself.",
    },
    maxConcurrent: {
      type: "integer",
      minimum: 1,
      default: 2000,
      description:
        "How many requests run at once; further ones are refused with 503 before anything of their body is read.",
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
