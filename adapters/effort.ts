import type { Effort, Thinking } from "./unified.ts";

/** Thinking budgets that stand for the named efforts, in tokens, where a protocol knows only one of the two. */
const BUDGETS: [Effort, number][] = [
  ["minimal", 512],
  ["low", 2048],
  ["medium", 8192],
  ["high", 24_576],
  ["xhigh", 32_768],
  ["max", 65_536],
];

type ThinkingOn = Extract<Thinking, { mode: "on" }>;

/** The budget of a request in tokens; undefined: as much as the model likes. */
export function toBudget(thinking: ThinkingOn): number | undefined {
  return thinking.budgetTokens ?? BUDGETS.find(([effort]) => effort === thinking.effort)?.[1];
}

/** The named effort of a request; undefined: the model's default. */
export function toEffort(thinking: ThinkingOn): Effort | undefined {
  if (thinking.effort !== undefined || thinking.budgetTokens === undefined) return thinking.effort;
  const budget = thinking.budgetTokens;
  return BUDGETS.find(([, tokens]) => budget <= tokens)?.[0] ?? "max";
}

/** `effort` if the protocol has the word, else the nearest it has. `known` goes from weak to strong. */
export function toKnownEffort<T extends Effort>(effort: Effort, known: readonly T[]): T {
  const rank = (value: Effort): number => BUDGETS.findIndex(([name]) => name === value);
  const nearest = known.findLast((value) => rank(value) <= rank(effort)) ?? known[0];
  if (nearest === undefined) throw new RangeError("a protocol with efforts names at least one");
  return nearest;
}
