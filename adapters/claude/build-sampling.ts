import type { UnifiedRequest } from "../unified.ts";
import { compact, type Json } from "../validate.ts";
import type { ModelFacts } from "./model-facts.ts";

export interface SamplingOptions {
  facts: ModelFacts;
  thinking: boolean;
  drop: (what: string) => void;
}

/** temperature, top_p, top_k and stop_sequences, as far as Claude takes them together. */
export function buildSampling(request: UnifiedRequest, options: SamplingOptions): Json {
  const { drop } = options;
  const { temperature, topP, topK, stop = [], ...others } = request.sampling ?? {};
  for (const [key, word] of Object.entries(FOREIGN)) {
    if (others[key as keyof typeof FOREIGN] !== undefined) drop(word);
  }
  const stops = stop.filter((text) => text.trim() !== "");
  if (stops.length < stop.length) drop("stop sequences of white space only");
  return compact({
    ...pickSampling({ temperature, topP, topK }, options),
    stop_sequences: stops.length ? stops : undefined,
  });
}

interface Picked {
  temperature?: number;
  topP?: number;
  topK?: number;
}

function pickSampling({ temperature, topP, topK }: Picked, { facts, thinking, drop }: SamplingOptions): Json {
  // 1 is what Claude does anyway, so leaving it out loses nothing.
  const changed = temperature !== undefined && temperature !== 1;
  if (!facts.sampling) {
    if (changed) drop("temperature (this model takes none)");
    if (topP !== undefined) drop("top_p (this model takes none)");
    if (topK !== undefined) drop("top_k (this model takes none)");
    return {};
  }
  if (thinking) {
    if (changed) drop("temperature (not with thinking)");
    if (topK !== undefined) drop("top_k (not with thinking)");
    const fits = topP !== undefined && topP >= 0.95 && topP <= 1;
    if (topP !== undefined && !fits) drop("top_p (with thinking only from 0.95 on)");
    return fits ? { top_p: topP } : {};
  }
  if (temperature !== undefined && temperature > 1) drop("temperature above 1");
  // From Claude 4.5 on: "`temperature` and `top_p` cannot both be specified for this model".
  if (temperature !== undefined && topP !== undefined) drop("top_p (not along with temperature)");
  return {
    temperature: temperature === undefined ? undefined : Math.min(1, temperature),
    top_p: temperature === undefined ? topP : undefined,
    top_k: topK,
  };
}

const FOREIGN = {
  minP: "min_p",
  seed: "seed",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  repeatPenalty: "repeat_penalty",
} as const;
