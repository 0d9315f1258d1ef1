import { isObject } from "../validate.ts";
import { toWireUsage } from "./usage.ts";
import type { WriteContext } from "../adapter.ts";
import type { FinishReason, UnifiedResult } from "../unified.ts";

/** The answer to `POST /v1/completions`: text only. */
export function writeCompletion(result: UnifiedResult, context: WriteContext): unknown {
  const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
  return {
    id: `cmpl-${context.id}`,
    object: "text_completion",
    created: Math.floor(context.createdAt / 1000),
    model: context.request.model,
    choices: [
      {
        text: text + (result.refusal ?? ""),
        index: 0,
        logprobs: result.logprobs ? writeLogprobs(result.logprobs) : null,
        finish_reason: toTextReason(result.finishReason),
      },
    ],
    usage: toWireUsage(result.usage),
  };
}

export function toTextReason(reason: FinishReason): string {
  if (reason === "content-filter") return "content_filter";
  return reason === "length" ? "length" : "stop";
}

/** Token probabilities in the older shape: four lists side by side. `offset`: where the first token stands. */
export function writeLogprobs(logprobs: unknown[], offset = 0): Record<string, unknown[]> {
  const entries = logprobs.filter(isObject).map((entry) => ({
    token: String(entry.token ?? ""),
    logprob: entry.logprob ?? null,
    top: Array.isArray(entry.top_logprobs) ? entry.top_logprobs.filter(isObject) : [],
  }));
  let at = offset;
  return {
    tokens: entries.map(({ token }) => token),
    token_logprobs: entries.map(({ logprob }) => logprob),
    top_logprobs: entries.map(({ top }) =>
      Object.fromEntries(top.map((item) => [String(item.token), item.logprob])),
    ),
    text_offset: entries.map(({ token }) => {
      const start = at;
      at += token.length;
      return start;
    }),
  };
}
