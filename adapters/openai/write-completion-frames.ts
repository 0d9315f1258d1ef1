import { writeSse } from "../sse.ts";
import { toWireUsage } from "./usage.ts";
import { toTextReason, writeLogprobs } from "./write-completion.ts";
import { toWireError } from "./write-error.ts";
import { wantsUsage, type FrameWriter } from "./frame-writer.ts";
import type { WriteContext } from "../adapter.ts";

/** `text_completion` frames: text and nothing else. */
export function createCompletionFrames(context: WriteContext): FrameWriter {
  const withUsage = wantsUsage(context);
  const base = {
    id: `cmpl-${context.id}`,
    object: "text_completion",
    created: Math.floor(context.createdAt / 1000),
    model: context.request.model,
  };
  let offset = 0;
  const frame = (text: string, logprobs?: unknown[], reason: string | null = null): string => {
    const choice = {
      text,
      index: 0,
      logprobs: logprobs ? writeLogprobs(logprobs, offset) : null,
      finish_reason: reason,
    };
    offset += text.length;
    return writeSse(JSON.stringify({ ...base, choices: [choice], ...(withUsage && { usage: null }) }));
  };
  return (event, logprobs) => {
    switch (event.type) {
      case "block-delta":
        return event.block.kind === "text" || event.block.kind === "refusal"
          ? frame(event.delta, logprobs)
          : "";
      case "logprobs":
        return frame("", event.logprobs);
      case "finish": {
        const usage = withUsage
          ? writeSse(JSON.stringify({ ...base, choices: [], usage: toWireUsage(event.usage) }))
          : "";
        return `${frame("", undefined, toTextReason(event.reason))}${usage}${writeSse("[DONE]")}`;
      }
      case "error":
        return writeSse(JSON.stringify(toWireError(event.error)));
      case "start":
      case "block-start":
      case "block-stop":
        return "";
      default:
        return event satisfies never;
    }
  };
}
