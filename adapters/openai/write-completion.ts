import { sumUsages } from "../sum-usages.ts";
import { toCompletionHead } from "./answer-head.ts";
import { toWireUsage } from "./usage.ts";
import { toTextLogprobs } from "./write-logprobs.ts";
import type { WriteContext } from "../adapter.ts";
import type { FinishReason, UnifiedResult } from "../unified.ts";

/** The answer to `POST /v1/completions`: text only. */
export function writeCompletion(results: UnifiedResult[], context: WriteContext): unknown {
  const { system_fingerprint, ...head } = toCompletionHead(context);
  return {
    ...head,
    choices: results.map(writeChoice),
    usage: toWireUsage(sumUsages(results.map(({ usage }) => usage))),
    system_fingerprint,
  };
}

function writeChoice(result: UnifiedResult, index: number): unknown {
  const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
  return {
    text: text + (result.refusal ?? ""),
    index,
    logprobs: result.logprobs ? toTextLogprobs(result.logprobs) : null,
    finish_reason: toTextReason(result.finishReason),
  };
}

export function toTextReason(reason: FinishReason): string {
  if (reason === "content-filter") return "content_filter";
  return reason === "length" ? "length" : "stop";
}
