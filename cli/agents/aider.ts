import type { Agent, Connection } from "./agent.ts";
import { joinAt } from "./paths.ts";
import { toFields } from "./to-fields.ts";

export const aider: Agent = {
  id: "aider",
  name: "aider",
  command: "aider",
  install: "python -m pip install aider-install && aider-install",
  variables: (connection) => ({
    OPENAI_API_BASE: `${connection.base}/v1`,
    OPENAI_API_KEY: connection.key,
    ...Object.fromEntries(
      Object.entries(toModels(connection)).map(([name, model]) => [
        `AIDER_${name.toUpperCase().replaceAll("-", "_")}`,
        model,
      ]),
    ),
  }),
  settings: (connection, place) => [
    {
      paths: [joinAt(place, place.home, ".aider.conf.yml")],
      format: "yaml",
      fields: toFields({
        ...toModels(connection),
        "openai-api-base": `${connection.base}/v1`,
        "openai-api-key": connection.key,
      }),
    },
  ],
  next: "run 'aider'",
};

/** The first word says which protocol aider speaks, the rest is the model. */
const toModels = ({ model, small }: Connection): Record<string, string> =>
  model === undefined ? {} : { model: `openai/${model}`, "weak-model": `openai/${small ?? model}` };
