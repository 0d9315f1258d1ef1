import type { Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";

/** Token counts as clients read them; there is always an object, and nothing in it is missing. */
export function writeUsage(usage: Usage | undefined): Json {
  const input = usage?.inputTokens ?? 0;
  const output = usage?.outputTokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage?.cachedTokens ?? 0,
      cache_write_tokens: usage?.cacheWriteTokens ?? 0,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage?.reasoningTokens ?? 0 },
    total_tokens: input + output,
  };
}

/** Token counts of a provider; both totals include their details. */
export function parseUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const input = isObject(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  return {
    inputTokens: count(usage.input_tokens) ?? 0,
    outputTokens: count(usage.output_tokens) ?? 0,
    ...optional("cachedTokens", count(input.cached_tokens)),
    ...optional("cacheWriteTokens", count(input.cache_write_tokens)),
    ...optional("reasoningTokens", count(output.reasoning_tokens)),
  };
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 ? value : undefined;

const optional = <K extends string>(key: K, value: number | undefined): { [P in K]?: number } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: number });
