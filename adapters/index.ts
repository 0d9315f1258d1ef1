import type { Adapter } from "./adapter.ts";
import { claude } from "./claude/index.ts";
import { gemini } from "./gemini/index.ts";
import { ollama } from "./ollama/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { openai } from "./openai/index.ts";

/** The registry: one line per protocol. Nothing else lists protocols. */
export const adapters: readonly Adapter[] = [claude, gemini, openaiResponses, openai, ollama];

export function findAdapter(protocol: string): Adapter | undefined {
  return adapters.find((adapter) => adapter.protocol === protocol);
}
