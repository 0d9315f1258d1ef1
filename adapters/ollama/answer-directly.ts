import type { Call, WriteContext } from "../adapter.ts";
import { toGoTime } from "../go-time.ts";
import type { UnifiedRequest } from "../unified.ts";
import { readExtra } from "./read-extra.ts";

/**
 * The answer to an empty prompt, with which clients load or unload a model. There is nothing to load here, so no
 * provider is asked. One JSON object, even where a stream was asked for; no counts, no durations.
 */
export function answerDirectly(
  request: UnifiedRequest,
  call: Call,
  context: WriteContext,
): Record<string, unknown> | undefined {
  const reason = readExtra(request).load;
  if (reason === undefined) return undefined;
  const answer =
    call.variant === "generate" ? { response: "" } : { message: { role: "assistant", content: "" } };
  return {
    model: request.model,
    created_at: toGoTime(context.now()),
    ...answer,
    done: true,
    done_reason: reason,
  };
}
