import type { Agent, Connection } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

/** A provider of its own, chosen by flags or by a profile of its own: the user's login and history stay as they are. */
export const codex: Agent = {
  id: "codex",
  name: "Codex",
  command: "codex",
  install: "npm install -g @openai/codex",
  variables: (connection) => ({ [KEY]: connection.key }),
  launch(connection) {
    const { provider, ...top } = toConfig(connection);
    const overrides = [
      ...Object.entries(top),
      ...Object.entries({ ...provider, env_key: KEY }).map(([name, value]): [string, string] => [
        `model_providers.ccproxy.${name}`,
        value,
      ]),
    ];
    return {
      // A string in JSON is one in TOML.
      args: overrides.flatMap(([name, value]) => ["-c", `${name}=${JSON.stringify(value)}`]),
      variables: { [KEY]: connection.key },
      files: [],
    };
  },
  settings(connection, place) {
    const { provider, ...top } = toConfig(connection);
    const token = connection.isKeyReal ? { experimental_bearer_token: connection.key } : {};
    return [
      {
        paths: [joinAt(place, folderOf(place, "CODEX_HOME", ".codex"), "ccproxy.config.toml")],
        format: "toml",
        fields: toFields({ ...top, model_providers: { ccproxy: { ...provider, ...token } } }),
      },
    ];
  },
  next: "run 'codex --profile ccproxy'; plain 'codex' is as it was",
};

function toConfig({ base, model }: Connection) {
  return {
    ...(model !== undefined && { model }),
    model_provider: "ccproxy",
    provider: { name: "ccproxy", base_url: `${base}/v1`, wire_api: "responses" },
  };
}

const KEY = "CCPROXY_API_KEY";
