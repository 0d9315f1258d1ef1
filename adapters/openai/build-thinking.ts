import { toBudget, toEffort, toKnownEffort } from "../effort.ts";
import { isObject } from "../validate.ts";
import type { Effort, Thinking } from "../unified.ts";
import type { BuildContext } from "./build-context.ts";

type ThinkingOn = Extract<Thinking, { mode: "on" }>;

/** The fields that ask for thinking, or for none, in the form this provider reads. */
export function buildThinking(
  context: BuildContext,
  { hasTools, extra }: { hasTools: boolean; extra: Record<string, unknown> },
): Record<string, unknown> {
  const { request, quirks, dropped } = context;
  const { thinking } = request;
  const byEffort = quirks.reasoningField === "reasoning_effort";
  if (byEffort && hasTools && quirks.effortWithTools !== "sent") {
    if (thinking?.mode === "on") dropped.push("thinking");
    return quirks.effortWithTools === "none" ? { reasoning_effort: "none" } : {};
  }
  if (!thinking) return {};
  const built = thinking.mode === "off" ? turnOff(context) : turnOn(thinking, context);
  // A client of this protocol may have set more switches of the template.
  const switches = extra.chat_template_kwargs;
  return isObject(switches) && isObject(built.chat_template_kwargs)
    ? { ...built, chat_template_kwargs: { ...switches, ...built.chat_template_kwargs } }
    : built;
}

function turnOn(thinking: ThinkingOn, context: BuildContext): Record<string, unknown> {
  const { quirks, dropped } = context;
  switch (quirks.reasoningField) {
    case "reasoning_effort":
      return buildEffort(thinking, context);
    case "reasoning":
      return { reasoning: buildObject(thinking, context) };
    case "reasoning_enabled":
      tellAmount(thinking, dropped);
      return { reasoning: { enabled: true } };
    case "thinking":
    case "adaptive": {
      const type = quirks.reasoningField === "adaptive" ? "adaptive" : "enabled";
      return { thinking: { type }, ...buildEffort(thinking, context) };
    }
    case "enable_thinking":
      return { enable_thinking: true, ...buildBudget(thinking, context) };
    case "chat_template_kwargs": {
      const effort = quirks.efforts.length ? buildEffort(thinking, context) : {};
      const budget = quirks.efforts.length ? {} : buildBudget(thinking, context);
      return { chat_template_kwargs: { ...toSwitches(true), ...effort }, ...budget };
    }
    case "none":
      // A model that always thinks does what is asked; how much cannot be told.
      if (quirks.thinkingOff) dropped.push("thinking");
      else tellAmount(thinking, dropped);
      return {};
    default:
      return quirks.reasoningField satisfies never;
  }
}

function turnOff({ quirks, dropped }: BuildContext): Record<string, unknown> {
  const [weakest] = quirks.efforts;
  if (!quirks.thinkingOff || quirks.reasoningField === "none") {
    dropped.push("thinking off");
    if (weakest === undefined) return {};
    if (quirks.reasoningField === "reasoning_effort") return { reasoning_effort: weakest };
    return quirks.reasoningField === "reasoning" ? { reasoning: { effort: weakest } } : {};
  }
  switch (quirks.reasoningField) {
    case "reasoning_effort":
      return { reasoning_effort: "none" };
    case "reasoning":
    case "reasoning_enabled":
      return { reasoning: { enabled: false } };
    case "thinking":
    case "adaptive":
      return { thinking: { type: "disabled" } };
    case "enable_thinking":
      return { enable_thinking: false };
    case "chat_template_kwargs":
      return { chat_template_kwargs: toSwitches(false) };
    default:
      return quirks.reasoningField satisfies never;
  }
}

function buildEffort(thinking: ThinkingOn, { quirks, dropped }: BuildContext): Record<string, unknown> {
  const { efforts, onEffort } = quirks;
  if (efforts.length === 0) tellAmount(thinking, dropped);
  const wanted = toEffort(thinking);
  const known = efforts.length && wanted ? toKnownEffort(wanted, efforts) : toDefault(onEffort, efforts);
  return known === undefined ? {} : { reasoning_effort: known };
}

/** A word of the provider's own ("default") stays as it is. */
function toDefault(onEffort: string | false, efforts: readonly Effort[]): string | undefined {
  if (onEffort === false) return undefined;
  return isEffort(onEffort) && efforts.length ? toKnownEffort(onEffort, efforts) : onEffort;
}

function buildObject(thinking: ThinkingOn, { quirks }: BuildContext): Record<string, unknown> {
  const wanted = toEffort(thinking);
  const effort = wanted && quirks.efforts.length ? toKnownEffort(wanted, quirks.efforts) : undefined;
  const amount =
    thinking.budgetTokens !== undefined ? { max_tokens: thinking.budgetTokens } : effort && { effort };
  return { ...(amount ?? { enabled: true }), ...(thinking.visible === false && { exclude: true }) };
}

/** The two strongest efforts are no limit: a number for them may be more than the model takes. */
function buildBudget(thinking: ThinkingOn, { quirks, dropped }: BuildContext): Record<string, unknown> {
  if (quirks.budgetField === false) {
    tellAmount(thinking, dropped);
    return {};
  }
  const isUnlimited = thinking.effort === "xhigh" || thinking.effort === "max";
  const budget = thinking.budgetTokens ?? (isUnlimited ? undefined : toBudget(thinking));
  return budget === undefined ? {} : { [quirks.budgetField]: budget };
}

function tellAmount(thinking: ThinkingOn, dropped: string[]): void {
  if (thinking.budgetTokens !== undefined) dropped.push("thinking budget");
  else if (thinking.effort !== undefined) dropped.push("thinking effort");
}

/** Qwen, GLM and Gemma call their switch `enable_thinking`, DeepSeek, Kimi and Granite `thinking`; a template ignores the other. */
const toSwitches = (on: boolean): Record<string, boolean> => ({ enable_thinking: on, thinking: on });

const isEffort = (word: string): word is Effort => EFFORTS.some((effort) => effort === word);

const EFFORTS: readonly Effort[] = ["minimal", "low", "medium", "high", "xhigh", "max"];
