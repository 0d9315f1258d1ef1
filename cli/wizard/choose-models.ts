import { MUTE } from "../../server/provider-test/pick-model.ts";
import type { GroupConfig } from "../../storage/types.ts";

/** A provider that is kept, and the models it lists. */
export interface Kept {
  id: string;
  models: readonly string[];
}

export interface Choice {
  provider: string;
  model: string;
}

/** All models that talk, the one that agents would do best with first. */
export function listChoices(kept: readonly Kept[]): Choice[] {
  const all = kept.flatMap(({ id, models }) =>
    models.filter((model) => !MUTE.test(model)).map((model) => ({ provider: id, model })),
  );
  const best = GOOD_AT_CODE.map((pattern) => all.find(({ model }) => pattern.test(model))).find(Boolean);
  return best ? [best, ...all.filter((choice) => choice !== best)] : all;
}

/**
 * The names of a first group. Agents ask for Claude's, OpenAI's and Gemini's models by name: a provider that has them
 * serves them itself, else the chosen model does. Every other name goes to the chosen model's provider as it is.
 */
export function toAliases({ provider, model }: Choice, kept: readonly Kept[]): GroupConfig["models"] {
  const families = FAMILIES.map(([glob, pattern]): [string, string] => {
    const owner = kept.find(({ models }) => models.some((name) => pattern.test(name)));
    return [glob, owner ? `${owner.id}/*` : `${provider}/${model}`];
  });
  return Object.fromEntries([...families, ["*", `${provider}/*`]]);
}

const FAMILIES: readonly [glob: string, names: RegExp][] = [
  ["claude-*", /^claude-/i],
  ["gpt-*", /^gpt-\d/i],
  ["gemini-*", /^gemini-/i],
];

/** Models known to work with coding agents, the better first; a version is not named where the newest is listed first. */
const GOOD_AT_CODE = [
  /claude-(?:\w+-)?sonnet/i,
  /(?:^|\/)gpt-(?:[5-9]|\d\d)[\d.]*(?:-codex)?$/i,
  /gemini-[\d.]+-pro/i,
  /qwen3-coder/i,
  /glm-[4-9]/i,
  /kimi-k/i,
  /deepseek-(?:chat|v\d)/i,
  /minimax-m/i,
  /devstral|codestral/i,
  /gpt-oss/i,
  /grok-(?:code|\d)/i,
  /qwen/i,
];
