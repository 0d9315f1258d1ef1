import type { Agent } from "./agent.ts";

export const openWebui: Agent = {
  id: "open-webui",
  name: "Open WebUI",
  also: ["openwebui", "webui"],
  command: "open-webui",
  install: "pip install open-webui",
  variables: ({ base, key }) => ({
    OPENAI_API_BASE_URL: `${base}/v1`,
    OPENAI_API_KEY: key,
    ENABLE_OPENAI_API: "true",
    // The same models would be listed twice.
    ENABLE_OLLAMA_API: "false",
  }),
  launch(connection, { args }) {
    return {
      args: args.length === 0 ? ["serve"] : [],
      variables: this.variables?.(connection) ?? {},
      files: [],
    };
  },
  next: "",
};
