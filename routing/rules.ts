import type { Comparison, Condition, RuleConfig, RulePreset } from "../storage/types.ts";
import { matchesGlob } from "./glob.ts";

/** What rules may ask about a request. Everything costly is worked out only when it is asked for. */
export interface RouteFacts {
  /** As asked for, without its group. */
  model: string;
  /** Estimated size in tokens. */
  tokens: () => number;
  thinking: boolean;
  tools: boolean;
  images: () => boolean;
  /** The body as the client sent it. */
  body: unknown;
}

/** The first rule that holds, with the name logs call it. */
export function findRule(
  rules: readonly RuleConfig[],
  facts: RouteFacts,
): { rule: RuleConfig; name: string } | undefined {
  const index = rules.findIndex((rule) => holds(rule, facts));
  const rule = rules[index];
  return rule && { rule, name: toRuleName(rule, index) };
}

/** What logs call a rule. */
export const toRuleName = (rule: RuleConfig, index: number): string =>
  rule.name ?? (typeof rule.when === "string" ? rule.when : `#${index + 1}`);

const toCondition = (when: RulePreset | Condition): Condition =>
  typeof when === "string" ? PRESETS[when] : when;

/** The cheap questions first: counting tokens and looking for images walk through the whole request. */
export function holds({ when }: RuleConfig, facts: RouteFacts): boolean {
  const { model, thinking, tools, body, images, tokens } = toCondition(when);
  if (model !== undefined && !matchesGlob(model, facts.model)) return false;
  if (thinking !== undefined && thinking !== facts.thinking) return false;
  if (tools !== undefined && tools !== facts.tools) return false;
  for (const [path, comparison] of Object.entries(body ?? {}))
    if (!compares(readPath(facts.body, path), comparison)) return false;
  if (images !== undefined && images !== facts.images()) return false;
  return tokens === undefined || compares(facts.tokens(), tokens);
}

/** A field by its path; what is not there is undefined. Inherited properties are not there. */
function readPath(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function compares(value: unknown, comparison: Comparison): boolean {
  for (const [operator, wanted] of Object.entries(comparison)) {
    const compare = COMPARE[operator];
    // A newer configuration's operator must not send requests astray.
    if (!compare?.(value, wanted)) return false;
  }
  return true;
}

const isNumber = (value: unknown): value is number => typeof value === "number";

const COMPARE: Record<string, (value: unknown, wanted: unknown) => boolean> = {
  "==": (value, wanted) => value === wanted,
  "!=": (value, wanted) => value !== wanted,
  ">": (value, wanted) => isNumber(value) && isNumber(wanted) && value > wanted,
  ">=": (value, wanted) => isNumber(value) && isNumber(wanted) && value >= wanted,
  "<": (value, wanted) => isNumber(value) && isNumber(wanted) && value < wanted,
  "<=": (value, wanted) => isNumber(value) && isNumber(wanted) && value <= wanted,
  contains: (value, wanted) =>
    typeof value === "string"
      ? typeof wanted === "string" && value.includes(wanted)
      : Array.isArray(value) && value.includes(wanted),
  matches: (value, wanted) =>
    typeof value === "string" && typeof wanted === "string" && matchesGlob(wanted, value),
};

/** The four routes that routers for coding agents have in common. */
const PRESETS: Record<RulePreset, Condition> = {
  longContext: { tokens: { ">": 60_000 } },
  background: { model: "*haiku*" },
  think: { thinking: true },
  default: {},
};
