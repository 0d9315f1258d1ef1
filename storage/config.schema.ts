import { group } from "./schema/group.ts";
import { key } from "./schema/key.ts";
import { provider } from "./schema/provider.ts";
import type { Schema } from "./schema/schema.ts";
import { server } from "./schema/server.ts";

/**
 * The JSON Schema of `config.json`: what editors complete and explain from, and what a file is checked against first.
 * What a schema cannot say is in `check-config.ts`. Unknown fields are allowed, so that a newer file still works.
 */
export const configSchema: Schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "ccproxy configuration",
  type: "object",
  properties: {
    $schema: {
      type: "string",
      description: "Where this schema is, for editors.",
      examples: ["./config.schema.json"],
    },
    server,
    providers: {
      type: "object",
      description: 'Services that are called, by a name of your own: letters, digits, ".", "_" and "-".',
      additionalProperties: provider,
    },
    groups: {
      type: "object",
      description:
        'Sets of aliases and settings, by name: up to 64 letters, digits, ".", "_" and "-", in any case.',
      additionalProperties: group,
    },
    activeGroup: {
      type: "string",
      default: "default",
      description: "The group that /switch serves; 'ccproxy use <group>' sets it.",
    },
    keys: { type: "object", description: "Client keys by id.", additionalProperties: key },
  },
};
