import { toBudget, toEffort, toKnownEffort } from "../effort.ts";
import type { Thinking, UnifiedRequest } from "../unified.ts";
import { compact, type Json } from "../validate.ts";
import type { ModelFacts } from "./model-facts.ts";

/**
 * `thinkingConfig`. Thoughts count against `maxOutputTokens`, so they get at most three quarters of it, and as few as
 * the model can do with where a client that said nothing of thinking wants a short answer: it would get none at all.
 */
export function buildThinking(
  { thinking, sampling }: UnifiedRequest,
  facts: ModelFacts,
  drop: (what: string) => void,
): Json | undefined {
  const limit = sampling?.maxTokens;
  if (!facts.thinks) {
    if (thinking?.mode === "on" && (thinking.effort ?? thinking.budgetTokens) !== undefined) {
      drop("thinking (this model has none)");
    }
    return undefined;
  }
  if (!thinking) return limit !== undefined && limit <= SHORT && facts.named ? toLeast(facts) : undefined;
  if (thinking.mode === "off") {
    if (!facts.canRest) drop("thinking off (this model always thinks)");
    return toLeast(facts);
  }
  return toConfig(thinking, facts, limit);
}

function toLeast({ canRest, levels, budget }: ModelFacts): Json {
  const [level] = levels;
  if (level !== undefined) return { thinkingLevel: level };
  return { thinkingBudget: canRest ? 0 : budget[0] };
}

function toConfig(
  thinking: Extract<Thinking, { mode: "on" }>,
  { levels, budget: [least, most], restsByDefault }: ModelFacts,
  limit: number | undefined,
): Json {
  const includeThoughts = thinking.visible !== false;
  if (levels.length) {
    const effort = toEffort(thinking);
    return compact({ thinkingLevel: effort && toKnownEffort(effort, levels), includeThoughts });
  }
  const wanted = toBudget(thinking);
  if (wanted === undefined) return { ...(restsByDefault && { thinkingBudget: -1 }), includeThoughts };
  const room = limit === undefined || wanted < limit ? wanted : Math.floor(limit * 0.75);
  return { thinkingBudget: Math.min(most, Math.max(least, Math.floor(room))), includeThoughts };
}

/** Tokens. Titles, summaries and yes-or-no questions. */
const SHORT = 1024;
