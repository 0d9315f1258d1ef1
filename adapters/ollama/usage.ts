import type { Usage } from "../unified.ts";
import type { Json } from "../validate.ts";

/** Ollama leaves `prompt_eval_count` out when the whole prompt came from its cache; thinking is part of `eval_count`. */
export function toUsage(body: Json): Usage | undefined {
  const { prompt_eval_count: input, eval_count: output } = body;
  if (typeof input !== "number" && typeof output !== "number") return undefined;
  return { inputTokens: toCount(input), outputTokens: toCount(output) };
}

const toCount = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);
