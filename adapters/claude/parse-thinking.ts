import type { Effort, Thinking } from "../unified.ts";
import { invalid, optionalNumber, optionalObject } from "../validate.ts";

/**
 * `thinking` and `output_config.effort` of a body. Thoughts count as wanted whatever `display` says: Claude Code asks
 * for `omitted` to save bytes and shows them all the same.
 */
export function parseThinking(thinking: unknown, effort: unknown): Thinking | undefined {
  const config = optionalObject(thinking, "thinking");
  const known = EFFORTS.find((word) => word === effort);
  if (!config) return known && { mode: "on", effort: known };
  // "between_tools": no thoughts but notes between calls.
  if (config.type === "disabled" || config.type === "between_tools") return { mode: "off" };
  if (typeof config.type !== "string") throw invalid("thinking.type", "string", config.type ?? null);
  const budgetTokens = optionalNumber(config.budget_tokens, "thinking.budget_tokens");
  return {
    mode: "on",
    ...(known && { effort: known }),
    ...(budgetTokens !== undefined && { budgetTokens }),
  };
}

const EFFORTS: Effort[] = ["minimal", "low", "medium", "high", "xhigh", "max"];
