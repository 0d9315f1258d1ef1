import type { Agent, Connection } from "./agent.ts";
import { configFolder, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

export const zed: Agent = {
  id: "zed",
  name: "Zed",
  command: "zed",
  install: "see https://zed.dev/download",
  // Where to go stands in its settings alone; the key is read from here, or kept in the system's key store.
  needsSetup: true,
  variables: ({ key }) => ({ CCPROXY_API_KEY: key }),
  settings(connection, place) {
    const folder = place.platform === "win32" ? "Zed" : "zed";
    return [
      {
        paths: [joinAt(place, configFolder(place), folder, "settings.json")],
        format: "json",
        fields: toFields(toConfig(connection)),
      },
    ];
  },
  next: "run 'ccproxy launch zed', or give the key to Zed once in its Agent panel (any word while there are no client keys)",
};

function toConfig({ base, model, models }: Connection) {
  const names = [...new Set([model, ...models.slice(0, MOST)])].filter((name) => name !== undefined);
  return {
    language_models: {
      openai_compatible: {
        ccproxy: {
          api_url: `${base}/v1`,
          available_models: names.map((name) => ({
            name,
            display_name: name,
            max_tokens: 128_000,
            capabilities: { tools: true, images: true, parallel_tool_calls: true, prompt_cache_key: false },
          })),
        },
      },
    },
  };
}

const MOST = 30;
