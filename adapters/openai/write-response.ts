import { sumUsages } from "../sum-usages.ts";
import { toChatHead } from "./answer-head.ts";
import { toWireReason } from "./finish-reason.ts";
import { toWireUsage } from "./usage.ts";
import { writeCompletion } from "./write-completion.ts";
import { toChatLogprobs } from "./write-logprobs.ts";
import { writeMessage } from "./write-message.ts";
import type { WriteContext } from "../adapter.ts";
import type { UnifiedResult } from "../unified.ts";

export const writeResponse = (result: UnifiedResult, context: WriteContext): unknown =>
  writeResponses([result], context);

/** Several answers to one request (`n`) as one: a choice each, and what all of them used. */
export function writeResponses(results: UnifiedResult[], context: WriteContext): unknown {
  if (context.call.variant === "completions") return writeCompletion(results, context);
  const { service_tier, system_fingerprint, ...head } = toChatHead(context, "chat.completion");
  return {
    ...head,
    choices: results.map((result, index) => writeChoice(result, index, context)),
    usage: toWireUsage(sumUsages(results.map(({ usage }) => usage))),
    service_tier,
    system_fingerprint,
  };
}

function writeChoice(result: UnifiedResult, index: number, context: WriteContext): unknown {
  const message = writeMessage(result, context);
  const refused = result.refusal !== undefined && message.content === null;
  return {
    index,
    message,
    logprobs: result.logprobs ? toChatLogprobs(result.logprobs, refused) : null,
    finish_reason: message.function_call ? "function_call" : toWireReason(result.finishReason),
  };
}
