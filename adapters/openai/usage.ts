import { isObject, type Json } from "../validate.ts";
import type { Usage } from "../unified.ts";
import type { WireUsage } from "./wire.ts";

/** Counts as providers give them; undefined where there are none. Both formats count cached and thinking tokens in. */
export function parseUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const inputTokens = count(value.prompt_tokens) ?? count(value.input_tokens);
  const written = count(value.completion_tokens) ?? count(value.output_tokens);
  if (inputTokens === undefined && written === undefined) return undefined;
  const input = detail(value, "prompt_tokens_details", "input_tokens_details");
  const output = detail(value, "completion_tokens_details", "output_tokens_details");
  const reasoningTokens = count(output?.reasoning_tokens) ?? count(value.reasoning_tokens);
  // DeepSeek: prompt_cache_hit_tokens; Moonshot: cached_tokens beside the totals.
  const cachedTokens =
    count(input?.cached_tokens) ?? count(value.prompt_cache_hit_tokens) ?? count(value.cached_tokens);
  const cacheWriteTokens = count(input?.cache_write_tokens) ?? count(value.cache_creation_input_tokens);
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: (written ?? 0) + uncountedThinking(value, reasoningTokens),
    cachedTokens,
    cacheWriteTokens,
    reasoningTokens,
  };
}

/** Always the whole object, zeros where nothing is known: clients read it without asking. */
export function toWireUsage(usage: Usage | undefined): WireUsage {
  const { inputTokens = 0, outputTokens = 0, cachedTokens, cacheWriteTokens, reasoningTokens } = usage ?? {};
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: {
      cached_tokens: cachedTokens ?? 0,
      audio_tokens: 0,
      ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
    },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** xAI leaves thinking out of `completion_tokens`; its total gives that away. */
function uncountedThinking(value: Json, reasoning: number | undefined): number {
  if (!reasoning) return 0;
  const sum = (count(value.prompt_tokens) ?? 0) + (count(value.completion_tokens) ?? 0);
  return count(value.total_tokens) === sum + reasoning ? reasoning : 0;
}

function detail(value: Json, ...names: string[]): Json | undefined {
  return names.map((name) => value[name]).find(isObject);
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
