import type { Agent, Connection, Variables } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toFields, toVariableFields } from "./to-fields.ts";

export const qwen: Agent = {
  id: "qwen",
  name: "qwen-code",
  also: ["qwen-code"],
  command: "qwen",
  install: "npm install -g @qwen-code/qwen-code",
  variables: toVariables,
  launch: (connection) => ({
    args: ["--auth-type", "openai", ...(connection.model === undefined ? [] : ["--model", connection.model])],
    variables: toVariables(connection),
    files: [],
  }),
  settings(connection, place) {
    const folder = folderOf(place, "QWEN_HOME", ".qwen");
    return [
      {
        paths: [joinAt(place, folder, "settings.json")],
        format: "json",
        fields: toFields({
          security: { auth: { selectedType: "openai" } },
          model: { name: connection.model },
        }),
      },
      {
        paths: [joinAt(place, folder, ".env")],
        format: "dotenv",
        fields: toVariableFields(toVariables(connection)),
      },
    ];
  },
  next: "run 'qwen'",
};

function toVariables({ base, key, model }: Connection): Variables {
  return {
    OPENAI_BASE_URL: `${base}/v1`,
    OPENAI_API_KEY: key,
    ...(model !== undefined && { OPENAI_MODEL: model }),
  };
}
