import { createBlocks } from "../blocks.ts";
import { createChatFrames } from "./write-chat-frames.ts";
import { createCompletionFrames } from "./write-completion-frames.ts";
import type { StreamWriter, WriteContext } from "../adapter.ts";
import type { ChoicePlace } from "./frame-writer.ts";

export function createStreamWriter(context: WriteContext, place?: ChoicePlace): StreamWriter {
  const blocks = createBlocks();
  const createFrames = context.call.variant === "completions" ? createCompletionFrames : createChatFrames;
  const write = createFrames(context, place);
  let closed = false;
  return {
    push(events) {
      let frames = "";
      const all = blocks.push(events);
      for (let at = 0; at < all.length && !closed; at++) {
        const event = all[at];
        if (!event) continue;
        const next = all[at + 1];
        const logprobs =
          event.type === "block-delta" && next?.type === "logprobs" ? next.logprobs : undefined;
        if (logprobs) at++;
        closed = event.type === "finish" || event.type === "error";
        frames += write(event, logprobs);
      }
      return frames;
    },
    end: () => "",
  };
}
