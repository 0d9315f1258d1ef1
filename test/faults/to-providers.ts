import type { ProtocolName } from "../support/daemon.ts";

/** The protocols of the providers that a client is tried with: its own and another; with FAULTS=all, all of them. */
export const toProviders = (client: ProtocolName): ProtocolName[] =>
  process.env.FAULTS === "all" ? ALL : [client, OTHER[client]];

const ALL: ProtocolName[] = ["openai", "openai-responses", "claude", "gemini", "ollama"];
const OTHER: Record<ProtocolName, ProtocolName> = {
  openai: "claude",
  "openai-responses": "openai",
  claude: "openai",
  gemini: "ollama",
  ollama: "gemini",
};
