import type { Effort } from "../unified.ts";

/** What a Gemini model does with thinking; for names that tell nothing, what does no harm. */
export interface ModelFacts {
  /** The name tells the model. */
  named: boolean;
  /** It can think at all. */
  thinks: boolean;
  /** The words of `thinkingLevel`, from weak to strong; none: it takes `thinkingBudget`. */
  levels: readonly Effort[];
  /** Least and most tokens of `thinkingBudget`. Below the least it does not think, or cannot but think. */
  budget: readonly [least: number, most: number];
  /** Thinking can be turned off. */
  canRest: boolean;
  /** It thinks only when told to. */
  restsByDefault: boolean;
  /** Past calls without signature are refused. */
  needsSignatures: boolean;
}

/** https://ai.google.dev/gemini-api/docs/thinking, by the model's name. */
export function toModelFacts(model: string): ModelFacts {
  const version = readVersion(model);
  if (version === undefined) {
    const isOther = /gemma|learnlm/i.test(model);
    // `gemini-flash-latest` and its like point at new models, sooner or later.
    const needsSignatures = /gemini-[a-z-]{1,40}-latest/i.test(model);
    return { ...UNKNOWN, thinks: !isOther, needsSignatures };
  }
  const known = { ...UNKNOWN, named: true };
  // Models that draw or speak take no thinkingConfig.
  if (/image|tts|audio/i.test(model)) return { ...known, thinks: false, needsSignatures: version >= 3 };
  const isLite = /lite/i.test(model);
  const isFlash = /flash/i.test(model);
  if (version < 2.5) return { ...known, thinks: /thinking/i.test(model) };
  if (version < 3) {
    if (isLite) return { ...known, budget: [512, 24_576], restsByDefault: true };
    return isFlash ? { ...known, budget: [1, 24_576] } : { ...known, budget: [128, 32_768], canRest: false };
  }
  const levels = isFlash ? ALL_LEVELS : version === 3 ? TWO_LEVELS : THREE_LEVELS;
  return { ...known, levels, canRest: false, needsSignatures: true };
}

function readVersion(model: string): number | undefined {
  const found = /gemini-(\d{1,2}(?:\.\d{1,2})?)(?![\d.])/i.exec(model);
  return found ? Number(found[1]) : undefined;
}

const UNKNOWN: ModelFacts = {
  named: false,
  thinks: true,
  levels: [],
  budget: [1, 32_768],
  canRest: true,
  restsByDefault: false,
  needsSignatures: false,
};
const ALL_LEVELS: readonly Effort[] = ["minimal", "low", "medium", "high"];
const THREE_LEVELS: readonly Effort[] = ["low", "medium", "high"];
const TWO_LEVELS: readonly Effort[] = ["low", "high"];
