import type { Field } from "../fields/apply-fields.ts";
import type { Agent, Connection, Place } from "./agent.ts";
import { folderOf, joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

export const continueDev: Agent = {
  id: "continue",
  name: "Continue",
  also: ["cn", "continue-dev"],
  command: "cn",
  install: "npm install -g @continuedev/cli",
  launch: (connection, { place, folder }) => ({
    args: ["--config", joinAt(place, folder, "config.yaml")],
    variables: {},
    files: [{ name: "config.yaml", format: "yaml", fields: toModel(connection), base: configFile(place) }],
  }),
  settings: (connection, place) => [
    { paths: [configFile(place)], format: "yaml", fields: toModel(connection) },
  ],
  next: "choose the model 'ccproxy' in Continue, or run 'cn'",
};

const configFile = (place: Place): string =>
  joinAt(place, folderOf(place, "CONTINUE_GLOBAL_DIR", ".continue"), "config.yaml");

function toModel({ base, key, model }: Connection): Field[] {
  const fields = {
    provider: "openai",
    model,
    apiBase: `${base}/v1`,
    apiKey: key,
    roles: ["chat", "edit", "apply"],
    capabilities: ["tool_use"],
  };
  return [
    // A file without these is refused; where they are, they stay.
    { path: ["name"], value: "ccproxy", ifAbsent: true },
    { path: ["version"], value: "1.0.0", ifAbsent: true },
    { path: ["schema"], value: "v1", ifAbsent: true },
    ...toFields(fields, ["models", { key: "name", value: "ccproxy" }]),
  ];
}
