import type { Call, StreamWriter, WriteContext } from "../adapter.ts";
import { createBlocks, type Block, type BlockEvent } from "../blocks.ts";
import { writeSse } from "../sse.ts";
import type { StreamEvent } from "../unified.ts";
import { toEnding } from "./finish-reason.ts";
import { writeLogprobs } from "./logprobs.ts";
import { writeUsage } from "./usage.ts";
import { toErrorBody } from "./write-error.ts";
import { createParts, toResponse } from "./write-parts.ts";
import { hidesThoughts } from "./write-response.ts";

/**
 * Every chunk is a whole response with the parts that are new; calls come whole. With `?alt=sse` chunks are events,
 * without they are the items of one JSON array. An error ends it without a finish reason.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const { request, newId } = context;
  const ids = { model: request.model, id: context.id };
  const frames = isSse(context.call) ? SSE_FRAMES : createArrayFrames();
  const isHidden = hidesThoughts(request);
  const blocks = createBlocks();
  const parts = createParts();
  let logprobs: unknown[] = [];
  let refusal = "";
  let ended = false;

  const write = (event: BlockEvent): string => {
    switch (event.type) {
      case "start":
      case "block-start":
        return "";
      case "block-delta":
        if (event.block.kind === "thinking" && !isHidden) parts.addThought(event.delta);
        else if (event.block.kind === "text") parts.addText(event.delta);
        // Where it belongs is known at the end.
        else if (event.block.kind === "refusal") refusal += event.delta;
        return "";
      case "block-stop":
        endBlock(event.block);
        return "";
      case "logprobs":
        logprobs.push(...event.logprobs);
        return "";
      case "finish":
        ended = true;
        return finish(event);
      case "error":
        ended = true;
        return flush() + frames.item(toErrorBody(event.error));
      default:
        return event satisfies never;
    }
  };
  const endBlock = (block: Block): void => {
    if (block.kind === "thinking" && block.signature) parts.addSeal(block.signature, block.redacted);
    else if (block.kind === "media") parts.addMedia(block.media);
    else if (block.kind === "tool-call") {
      parts.addCall(block.id === "" ? { ...block, id: `call_${newId()}` } : block);
    }
  };
  const finish = ({ reason, usage }: Extract<StreamEvent, { type: "finish" }>): string => {
    const ending = toEnding(reason, refusal);
    if (ending.finishMessage === undefined) parts.addText(refusal);
    return chunk({ ...ending, usageMetadata: writeUsage(usage) });
  };
  const chunk = (rest: Parameters<typeof toResponse>[2]): string => {
    const scored = logprobs.length ? { ...rest, logprobsResult: writeLogprobs(logprobs) } : rest;
    logprobs = [];
    return frames.item(toResponse(parts.take(), ids, scored));
  };
  const flush = (): string => {
    const taken = parts.take();
    if (taken.length === 0) return "";
    const scored = logprobs.length ? { logprobsResult: writeLogprobs(logprobs) } : {};
    logprobs = [];
    return frames.item(toResponse(taken, ids, scored));
  };
  const writeAll = (events: BlockEvent[]): string => {
    let text = "";
    for (const event of events) if (!ended) text += write(event);
    return ended ? text : text + flush();
  };
  return {
    push: (events: StreamEvent[]) => writeAll(blocks.push(events)),
    end: () => writeAll(blocks.end()) + frames.end(),
  };
}

export const isSse = ({ query }: Call): boolean => query.get("alt")?.toLowerCase() === "sse";

interface Frames {
  item: (value: object) => string;
  end: () => string;
}

const SSE_FRAMES: Frames = { item: (value) => writeSse(JSON.stringify(value)), end: () => "" };

function createArrayFrames(): Frames {
  let before = "[";
  let ended = false;
  return {
    item(value) {
      const text = before + JSON.stringify(value);
      before = ",\r\n";
      return text;
    },
    end() {
      if (ended) return "";
      ended = true;
      return before === "[" ? "[]" : "\r\n]";
    },
  };
}
