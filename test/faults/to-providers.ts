import type { SpokenProtocol } from "../support/provider-words.ts";

/** The protocols of the providers that a client is tried with: its own and another; with FAULTS=all, all of them. */
export const toProviders = (client: SpokenProtocol): SpokenProtocol[] =>
  process.env.FAULTS === "all" ? ALL : [client, OTHER[client]];

const ALL: SpokenProtocol[] = ["openai", "claude", "gemini", "ollama"];
const OTHER: Record<SpokenProtocol, SpokenProtocol> = {
  openai: "claude",
  claude: "openai",
  gemini: "ollama",
  ollama: "gemini",
};
