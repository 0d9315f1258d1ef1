import { sumUsages } from "../sum-usages.ts";
import { toChatHead, toCompletionHead } from "./answer-head.ts";
import { wantsUsage, writeStreamEnd } from "./frame-writer.ts";
import { createStreamWriter } from "./write-stream.ts";
import type { ChoicesWriter, StreamWriter, WriteContext } from "../adapter.ts";
import type { Usage } from "../unified.ts";

/** The stream of several answers to one request (`n`): each chunk tells its choice, and all have one end. */
export function createChoicesWriter(context: WriteContext): ChoicesWriter {
  const writers: StreamWriter[] = [];
  const usages: (Usage | undefined)[] = [];
  let failed = false;
  return {
    push(events, choice) {
      if (failed) return "";
      for (const event of events) {
        if (event.type === "finish") usages.push(event.usage);
        failed ||= event.type === "error";
      }
      return (writers[choice] ??= createStreamWriter(context, { index: choice })).push(events);
    },
    end() {
      // No [DONE] after an error: the answer is not whole.
      if (failed) return "";
      const isText = context.call.variant === "completions";
      const head = isText ? toCompletionHead(context) : toChatHead(context, "chat.completion.chunk");
      return writeStreamEnd(head, sumUsages(usages), wantsUsage(context));
    },
  };
}
