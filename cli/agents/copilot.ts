import type { Agent } from "./agent.ts";

export const copilot: Agent = {
  id: "copilot",
  name: "Copilot CLI",
  also: ["copilot-cli"],
  command: "copilot",
  install: "npm install -g @github/copilot",
  variables: ({ base, key, model }) => ({
    COPILOT_PROVIDER_BASE_URL: `${base}/v1`,
    COPILOT_PROVIDER_TYPE: "openai",
    COPILOT_PROVIDER_WIRE_API: "completions",
    COPILOT_PROVIDER_API_KEY: key,
    ...(model !== undefined && { COPILOT_MODEL: model }),
    // No login is asked for, and nothing is sent to GitHub.
    COPILOT_OFFLINE: "true",
  }),
  next: "",
};
