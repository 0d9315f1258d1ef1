import type { Field } from "../fields/apply-fields.ts";
import type { Agent, Connection } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";

export const cline: Agent = {
  id: "cline",
  name: "Cline",
  command: "cline",
  install: "npm install -g cline",
  // The address stands in its settings alone.
  needsSetup: true,
  launch: ({ model }) => ({
    args: ["--provider", PROVIDER, ...(model === undefined ? [] : ["--model", model])],
    variables: {},
    files: [],
  }),
  settings: (connection, place) => [
    {
      paths: [joinAt(place, folderOf(place, "CLINE_DIR", ".cline"), "data", "settings", "providers.json")],
      format: "json",
      fields: toConfig(connection),
    },
  ],
  next: "run 'cline'",
};

/**
 * A file that is not wholly as Cline means it counts as empty, and is written anew: an item without `updatedAt`, or half
 * of one, would cost the user every other provider. So the item is set and taken back as one.
 */
const toConfig = ({ base, key, model }: Connection): Field[] => [
  { path: ["version"], value: 1 },
  { path: ["lastUsedProvider"], value: PROVIDER },
  { path: ["modes"], value: {}, ifAbsent: true },
  {
    path: ["providers", PROVIDER],
    value: {
      settings: {
        provider: PROVIDER,
        ...(model !== undefined && { model }),
        apiKey: key,
        baseUrl: `${base}/v1`,
      },
      updatedAt: "1970-01-01T00:00:00.000Z",
      tokenSource: "manual",
    },
    // Cline gives it the time of each start.
    mark: ["settings", "baseUrl"],
  },
];

const PROVIDER = "openai-compatible";
