import type { Usage } from "./unified.ts";

/**
 * What several answers to one request used together; undefined where none of them says. The prompt counts once per
 * answer: each was asked for on its own, and is paid so.
 */
export function sumUsages(usages: readonly (Usage | undefined)[]): Usage | undefined {
  const known = usages.filter((usage) => usage !== undefined);
  if (known.length < 2) return known[0];
  const sum: Usage = { inputTokens: 0, outputTokens: 0 };
  for (const usage of known) {
    for (const field of FIELDS) {
      const tokens = usage[field];
      if (tokens !== undefined) sum[field] = (sum[field] ?? 0) + tokens;
    }
  }
  return sum;
}

const FIELDS = [
  "inputTokens",
  "outputTokens",
  "cachedTokens",
  "cacheWriteTokens",
  "reasoningTokens",
] as const satisfies readonly (keyof Usage)[];
