import type { Agent, Connection } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

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
      fields: toFields(toConfig(connection)),
    },
  ],
  next: "run 'cline'",
};

const toConfig = ({ base, key, model }: Connection) => ({
  version: 1,
  lastUsedProvider: PROVIDER,
  providers: {
    [PROVIDER]: { settings: { provider: PROVIDER, model, apiKey: key, baseUrl: `${base}/v1` } },
  },
});

const PROVIDER = "openai-compatible";
