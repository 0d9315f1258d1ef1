import { writeSse } from "../sse.ts";
import { toCompletionHead } from "./answer-head.ts";
import { wantsUsage, writeStreamEnd, type ChoicePlace, type FrameWriter } from "./frame-writer.ts";
import { toTextReason } from "./write-completion.ts";
import { toWireError } from "./write-error.ts";
import { toTextLogprobs } from "./write-logprobs.ts";
import type { WriteContext } from "../adapter.ts";

/** `text_completion` frames: text and nothing else. */
export function createCompletionFrames(context: WriteContext, place?: ChoicePlace): FrameWriter {
  const withUsage = wantsUsage(context);
  const base = toCompletionHead(context);
  let offset = 0;
  const frame = (text: string, logprobs?: unknown[], reason: string | null = null): string => {
    const choice = {
      text,
      index: place?.index ?? 0,
      logprobs: logprobs ? toTextLogprobs(logprobs, offset) : null,
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
        const end = place ? "" : writeStreamEnd(base, event.usage, withUsage);
        return frame("", undefined, toTextReason(event.reason)) + end;
      }
      case "error":
        return writeSse(JSON.stringify(toWireError(event.error)));
      case "start":
      case "block-start":
      case "block-citation":
      case "block-stop":
        return "";
      default:
        return event satisfies never;
    }
  };
}
