import type { Agent, Connection } from "./agent.ts";
import { configFolder, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

/** It keeps its settings inside VS Code, but reads a file of them when it starts, if VS Code's settings name one. */
export const roo: Agent = {
  id: "roo",
  name: "Roo Code",
  also: ["roo-code", "roo-cline"],
  install:
    "in VS Code, install the extension 'Roo Code' (code --install-extension RooVeterinaryInc.roo-cline)",
  settings(connection, place) {
    const file = joinAt(place, place.own, "agents", "roo-code-settings.json");
    const folder = joinAt(place, configFolder(place, ["Library", "Application Support"]), "Code", "User");
    return [
      { paths: [file], format: "json", fields: toFields(toProfile(connection)) },
      {
        paths: [joinAt(place, folder, "settings.json")],
        format: "json",
        fields: [{ path: ["roo-cline.autoImportSettingsPath"], value: file }],
      },
    ];
  },
  next: "restart VS Code: Roo Code takes over the profile 'ccproxy' when it starts",
};

const toProfile = ({ base, key, model }: Connection) => ({
  providerProfiles: {
    currentApiConfigName: "ccproxy",
    apiConfigs: {
      ccproxy: {
        id: "ccproxy",
        apiProvider: "openai",
        openAiBaseUrl: `${base}/v1`,
        openAiApiKey: key,
        openAiModelId: model,
      },
    },
  },
});
