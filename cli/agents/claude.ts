import type { Agent, Connection, Variables } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toVariableFields } from "./to-fields.ts";

export const claude: Agent = {
  id: "claude",
  name: "Claude Code",
  also: ["claude-code", "code"],
  command: "claude",
  install: "npm install -g @anthropic-ai/claude-code",
  ownModel: "claude-sonnet-4-5",
  ownSmall: "claude-haiku-4-5",
  variables: toVariables,
  launch(connection, { folder, place, args }) {
    const variables = toVariables(connection);
    // The `env` of its settings beats the environment, and only settings given by flag beat that.
    if (args.some((word) => word.startsWith("--settings"))) return { args: [], variables, files: [] };
    // An empty key is none; without this one, a key in the user's settings would go along.
    const fields = toVariableFields({ ...variables, ANTHROPIC_API_KEY: "" }, ["env"]);
    return {
      args: ["--settings", joinAt(place, folder, "settings.json")],
      variables,
      files: [{ name: "settings.json", format: "json", fields }],
    };
  },
  settings: (connection, place) => [
    {
      paths: [joinAt(place, folderOf(place, "CLAUDE_CONFIG_DIR", ".claude"), "settings.json")],
      format: "json",
      fields: toVariableFields(toVariables(connection), ["env"]),
    },
  ],
  next: "run 'claude'",
};

function toVariables({ base, key, model, small }: Connection): Variables {
  return {
    ANTHROPIC_BASE_URL: base,
    ANTHROPIC_AUTH_TOKEN: key,
    // Two different keys in one request are refused.
    ANTHROPIC_API_KEY: null,
    ...(model !== undefined && {
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_OPUS_MODEL: model,
      ANTHROPIC_DEFAULT_SONNET_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: small ?? model,
    }),
  };
}
