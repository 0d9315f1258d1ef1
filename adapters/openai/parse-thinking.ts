import {
  compact,
  isObject,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  type Json,
} from "../validate.ts";
import type { Effort, Thinking } from "../unified.ts";

/** `reasoning_effort`, or OpenRouter's `reasoning: {effort, max_tokens, enabled, exclude}`, which says more and wins. */
export function parseThinking(json: Json): Thinking | undefined {
  const reasoning = optionalObject(json.reasoning, "reasoning");
  const effort =
    optionalString(reasoning?.effort, "reasoning.effort") ??
    optionalString(json.reasoning_effort, "reasoning_effort");
  const enabled = optionalBoolean(reasoning?.enabled, "reasoning.enabled");
  const budgetTokens = optionalNumber(reasoning?.max_tokens, "reasoning.max_tokens");
  if (enabled === false || effort === "none" || budgetTokens === 0) return { mode: "off" };
  // Groq's word for what an absent field means.
  const isDefault = effort === undefined || effort === "default";
  if (isDefault && enabled === undefined && budgetTokens === undefined) return parseSwitch(json);
  const visible = optionalBoolean(reasoning?.exclude, "reasoning.exclude") ? false : undefined;
  return compact<Thinking>({
    mode: "on",
    effort: isDefault ? undefined : toEffort(effort),
    budgetTokens,
    visible,
  });
}

/**
 * The switches of other providers of this protocol: `thinking` (DeepSeek, GLM, Kimi; a budget at gateways to Claude),
 * `enable_thinking` (Qwen), both also among the variables of a template (vLLM). A provider of this protocol gets them
 * as they came.
 */
function parseSwitch(json: Json): Thinking | undefined {
  for (const place of [json, json.chat_template_kwargs]) {
    if (!isObject(place)) continue;
    const { thinking, enable_thinking: enabled } = place;
    const budget = isObject(thinking) ? thinking.budget_tokens : place.thinking_budget;
    const wanted = isObject(thinking) ? thinking.type : (enabled ?? thinking);
    if (wanted === false || wanted === "disabled") return { mode: "off" };
    if (wanted === true || wanted === "enabled" || wanted === "adaptive")
      return { mode: "on", ...(typeof budget === "number" && budget > 0 && { budgetTokens: budget }) };
  }
  return undefined;
}

/** A word that is not ours still says that thinking is wanted. */
function toEffort(word: string): Effort | undefined {
  return word === "ultra" ? "max" : EFFORTS.find((effort) => effort === word);
}

const EFFORTS: readonly Effort[] = ["minimal", "low", "medium", "high", "xhigh", "max"];
