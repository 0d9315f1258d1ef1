import type { Usage } from "../unified.ts";
import { isObject } from "../validate.ts";
import type { WireUsage } from "./wire.ts";

/** Claude counts cached tokens beside `input_tokens`, we count them in. */
export function toUsage(counts: Counts): Usage {
  const { input, output, read, written, thoughts } = counts;
  return {
    inputTokens: (input ?? 0) + (read ?? 0) + (written ?? 0),
    outputTokens: output ?? 0,
    ...(read !== undefined && { cachedTokens: read }),
    ...(written !== undefined && { cacheWriteTokens: written }),
    ...(thoughts !== undefined && { reasoningTokens: thoughts }),
  };
}

export interface Counts {
  input?: number;
  output?: number;
  read?: number;
  written?: number;
  thoughts?: number;
}

/** The counts of a wire usage over those known so far: they are totals, and zeros of stand-ins do not undo them. */
export function readCounts(usage: unknown, known: Counts | undefined): Counts | undefined {
  if (!isObject(usage)) return known;
  const details = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  return {
    input: newer(usage.input_tokens, known?.input),
    output: newer(usage.output_tokens, known?.output),
    read: newer(usage.cache_read_input_tokens, known?.read),
    written: newer(usage.cache_creation_input_tokens, known?.written),
    thoughts: newer(details.thinking_tokens, known?.thoughts),
  };
}

const newer = (value: unknown, known: number | undefined): number | undefined =>
  typeof value === "number" && value >= 0 ? value || (known ?? 0) : known;

export function writeUsage(usage: Usage | undefined): WireUsage {
  const read = usage?.cachedTokens ?? 0;
  const written = usage?.cacheWriteTokens ?? 0;
  const thoughts = usage?.reasoningTokens;
  return {
    input_tokens: Math.max(0, (usage?.inputTokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage?.outputTokens ?? 0,
    ...(thoughts !== undefined && { output_tokens_details: { thinking_tokens: thoughts } }),
  };
}
