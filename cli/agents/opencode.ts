import type { Field } from "../fields/apply-fields.ts";
import type { Agent, Connection } from "./agent.ts";
import { configFolder, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

export const opencode: Agent = {
  id: "opencode",
  name: "opencode",
  command: "opencode",
  install: "npm install -g opencode-ai",
  // Its settings from the environment are put over those from files.
  variables: (connection) => ({ OPENCODE_CONFIG_CONTENT: JSON.stringify(toConfig(connection)) }),
  settings(connection, place) {
    const { env, platform, home } = place;
    // It looks in ~/.config on every system.
    const config = platform === "win32" ? joinAt(place, home, ".config") : configFolder(place);
    const folder = joinAt(place, config, "opencode");
    const named = env["OPENCODE_CONFIG"];
    return [
      {
        paths: named
          ? [named]
          : ["opencode.json", "opencode.jsonc", "config.json"].map((file) => joinAt(place, folder, file)),
        format: "json",
        fields: [...SCHEMA, ...toFields(toConfig(connection))],
      },
    ];
  },
  next: "run 'opencode'; '/models' shows the others",
};

function toConfig({ base, key, model, small, models }: Connection) {
  const names = [...new Set([model, small, ...models.slice(0, MOST)])].filter((name) => name !== undefined);
  return {
    provider: {
      ccproxy: {
        npm: "@ai-sdk/openai-compatible",
        name: "ccproxy",
        options: { baseURL: `${base}/v1`, apiKey: key },
        models: Object.fromEntries(names.map((name) => [name, { name, tool_call: true }])),
      },
    },
    ...(model !== undefined && { model: `ccproxy/${model}`, small_model: `ccproxy/${small ?? model}` }),
  };
}

/** opencode adds it by itself where it is missing: then it would stay in a file that `restore` should remove. */
const SCHEMA: Field[] = [{ path: ["$schema"], value: "https://opencode.ai/config.json", ifAbsent: true }];

/** A router's whole list would drown the user's own. */
const MOST = 30;
