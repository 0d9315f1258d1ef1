import { toBudget, toEffort, toKnownEffort } from "../effort.ts";
import type { Thinking, UnifiedRequest } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import type { ModelFacts } from "./model-facts.ts";
import { parseThinking } from "./parse-thinking.ts";
import { PROTOCOL, type WireMessage } from "./wire.ts";

export interface ThinkingPlan {
  thinking?: Json;
  effort?: unknown;
  maxTokens: number;
}

export interface ThinkingOptions {
  facts: ModelFacts;
  messages: WireMessage[];
  /** A tool's use is forced. */
  forced: boolean;
  drop: (what: string) => void;
}

/**
 * `thinking`, `output_config.effort` and `max_tokens`, which depend on each other: a budget is at least 1024 tokens and
 * below `max_tokens`. What a Claude client said stays word for word where the model takes it.
 */
export function buildThinking(request: UnifiedRequest, options: ThinkingOptions): ThinkingPlan {
  const { facts, drop } = options;
  const plan = readOwn(request, facts) ?? toPlan(request, facts, drop);
  const { thinking } = plan;
  if (!isOn(thinking)) return plan;
  if (options.forced) {
    drop("thinking (not possible while a tool is forced)");
    return { ...plan, thinking: undefined };
  }
  if (thinking?.type === "enabled" && lacksThoughts(options.messages)) {
    // "a final `assistant` message must start with a thinking block", and other protocols' clients bring none back.
    drop("thinking (the turn under way began without it)");
    return { ...plan, thinking: undefined };
  }
  return plan;
}

export const isOn = (thinking: Json | undefined): boolean =>
  thinking !== undefined && thinking.type !== "disabled" && thinking.type !== "between_tools";

/** What the client sent, if it was a Claude client, nobody changed the request since, and the model knows the kind. */
function readOwn(request: UnifiedRequest, facts: ModelFacts): ThinkingPlan | undefined {
  const own = request.extra?.[PROTOCOL];
  const thinking = isObject(own?.thinking) ? own.thinking : undefined;
  const effort = isObject(own?.output_config) ? own.output_config.effort : undefined;
  if (thinking === undefined && effort === undefined) return undefined;
  if (!isSame(parseThinking(thinking, effort), request.thinking)) return undefined;
  if (facts.known && thinking?.type === "adaptive" && !facts.adaptive) return undefined;
  if (facts.known && thinking?.type === "enabled" && !facts.budget) return undefined;
  const budget = typeof thinking?.budget_tokens === "number" ? thinking.budget_tokens : 0;
  return {
    thinking,
    ...(facts.efforts.some((word) => word === effort) && { effort }),
    maxTokens: request.sampling?.maxTokens ?? toMaxTokens(budget),
  };
}

function toPlan(request: UnifiedRequest, facts: ModelFacts, drop: (what: string) => void): ThinkingPlan {
  const { thinking, sampling } = request;
  const maxTokens = sampling?.maxTokens;
  if (!thinking) return { maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS };
  if (thinking.mode === "off") {
    return { thinking: { type: "disabled" }, maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS };
  }
  if (facts.adaptive) {
    const effort = toEffort(thinking);
    return {
      // From Claude 5 on thoughts are left out of the answer unless asked for.
      thinking: { type: "adaptive", ...(thinking.visible !== false && { display: "summarized" }) },
      ...(effort && facts.efforts.length > 0 && { effort: toKnownEffort(effort, facts.efforts) }),
      maxTokens: maxTokens ?? toMaxTokens(toBudget(thinking) ?? 0),
    };
  }
  const wanted = Math.max(MIN_BUDGET, Math.floor(toBudget(thinking) ?? DEFAULT_BUDGET));
  if (maxTokens === undefined) return { thinking: toEnabled(wanted), maxTokens: toMaxTokens(wanted) };
  if (maxTokens <= MIN_BUDGET) {
    drop(`thinking (it takes more than ${MIN_BUDGET} output tokens)`);
    return { maxTokens };
  }
  // Other protocols count thoughts as part of the answer's limit, as Claude does: they get at most three quarters.
  const most = Math.max(MIN_BUDGET, Math.floor(maxTokens * 0.75));
  return { thinking: toEnabled(wanted < maxTokens ? wanted : most), maxTokens };
}

const toEnabled = (budget: number): Json => ({ type: "enabled", budget_tokens: budget });

/** Room for thoughts and an answer. */
const toMaxTokens = (budget: number): number =>
  budget > 0 ? budget + DEFAULT_MAX_TOKENS : DEFAULT_MAX_TOKENS;

/** The calls the user is answering belong to a turn that shows no thoughts, or the turn is a prefill. */
function lacksThoughts(messages: WireMessage[]): boolean {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (message?.role === "assistant") {
      if (message.content[0]?.type.endsWith("thinking")) return false;
      continue;
    }
    const isAnswer = message?.content.some((block) => block.type === "tool_result");
    if (!isAnswer) return messages[at + 1] !== undefined;
  }
  return false;
}

const isSame = (one: Thinking | undefined, other: Thinking | undefined): boolean =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

const DEFAULT_MAX_TOKENS = 8192;
const DEFAULT_BUDGET = 8192;
const MIN_BUDGET = 1024;
