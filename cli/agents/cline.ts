import type { Agent, Connection } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

export const cline: Agent = {
  id: "cline",
  name: "Cline",
  command: "cline",
  install: "npm install -g cline",
  launch: (connection, { place, folder }) => ({
    args: ["--provider", PROVIDER, ...(connection.model === undefined ? [] : ["--model", connection.model])],
    // Its sessions stay where they are: only the file with the providers is another one.
    variables: { CLINE_PROVIDER_SETTINGS_PATH: joinAt(place, folder, "providers.json") },
    files: [{ name: "providers.json", format: "json", fields: toFields(toConfig(connection)) }],
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
