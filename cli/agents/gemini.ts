import type { Agent, Connection, Place, Variables } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toFields, toVariableFields } from "./to-fields.ts";

export const gemini: Agent = {
  id: "gemini",
  name: "Gemini CLI",
  also: ["gemini-cli"],
  command: "gemini",
  install: "npm install -g @google/gemini-cli",
  ownModel: "gemini-2.5-pro",
  variables: toVariables,
  launch(connection, { place }) {
    const folder = ownFolder(place);
    return {
      args: connection.model === undefined ? [] : ["--model", connection.model],
      variables: toVariables(connection),
      // It uses a key only if its settings say so, and takes those of the system from root alone.
      files: [
        {
          name: joinAt(place, ".gemini", "settings.json"),
          format: "json",
          fields: toFields(AUTH),
          base: joinAt(place, folder, "settings.json"),
        },
      ],
      overlay: { folder, name: ".gemini", variable: "GEMINI_CLI_HOME" },
    };
  },
  settings(connection, place) {
    const folder = ownFolder(place);
    const { model } = connection;
    return [
      {
        paths: [joinAt(place, folder, "settings.json")],
        format: "json",
        fields: toFields({ ...AUTH, model: { name: model } }),
      },
      {
        paths: [joinAt(place, folder, ".env")],
        format: "dotenv",
        fields: toVariableFields(toVariables(connection)),
      },
    ];
  },
  next: "run 'gemini'",
};

function toVariables({ base, key, model }: Connection): Variables {
  return {
    GOOGLE_GEMINI_BASE_URL: base,
    GEMINI_API_KEY: key,
    ...(model !== undefined && { GEMINI_MODEL: model }),
    GOOGLE_API_KEY: null,
    GOOGLE_GENAI_USE_VERTEXAI: null,
    GOOGLE_GENAI_USE_GCA: null,
  };
}

const ownFolder = (place: Place): string => joinAt(place, folderOf(place, "GEMINI_CLI_HOME"), ".gemini");

const AUTH = { security: { auth: { selectedType: "gemini-api-key" } } };
