import type { BuildOptions } from "../adapter.ts";
import type { Effort } from "../unified.ts";

/** What a Claude model takes and refuses with a 400; for names that tell nothing, what the oldest ones take. */
export interface ModelFacts {
  /** The name tells the version. */
  known: boolean;
  /** `thinking: {type: "adaptive"}` steered by `output_config.effort`. */
  adaptive: boolean;
  /** `thinking: {type: "enabled", budget_tokens}`. */
  budget: boolean;
  /** Words `output_config.effort` may have; none: the field is refused. */
  efforts: readonly Effort[];
  /** temperature, top_p, top_k. */
  sampling: boolean;
}

/**
 * Adaptive thinking came with 4.6; from 4.7 on it is the only kind, and sampling parameters are refused
 * (https://platform.claude.com/docs/en/build-with-claude/thinking). `quirks.adaptiveThinking` overrules the name.
 */
export function toModelFacts(model: string, options: BuildOptions = {}): ModelFacts {
  const quirk = options.quirks?.adaptiveThinking;
  const facts = byName(model);
  if (quirk === true && !facts.adaptive) return { ...facts, adaptive: true, budget: false, efforts: ALL };
  if (quirk === false) return { ...facts, adaptive: false, budget: true };
  return facts;
}

function byName(model: string): ModelFacts {
  const name = /claude-([a-z]+)-(?:(\d{1,2})(?!\d)(?:-(\d{1,2})(?!\d))?|preview)/.exec(model);
  // claude-3-7-sonnet and older have the version in front of the family; they know no efforts.
  if (!name) return /claude-[23]/.test(model) ? { ...OLD, known: true, efforts: [] } : OLD;
  // The one name without a number is Mythos Preview, of the generation that thinks adaptively.
  const version = name[2] === undefined ? 50 : Number(name[2]) * 10 + Number(name[3] ?? 0);
  if (version >= 47) return { known: true, adaptive: true, budget: false, efforts: ALL, sampling: false };
  const efforts: readonly Effort[] = name[1] === "opus" ? ["low", "medium", "high", "max"] : THREE;
  if (version === 46) return { known: true, adaptive: true, budget: true, efforts, sampling: true };
  const isOpus45 = version === 45 && name[1] === "opus";
  return { ...OLD, known: true, efforts: isOpus45 ? THREE : [] };
}

const THREE: readonly Effort[] = ["low", "medium", "high"];
const ALL: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];
const OLD: ModelFacts = { known: false, adaptive: false, budget: true, efforts: ALL, sampling: true };
