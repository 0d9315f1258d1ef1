import { createBlocks, type Block, type BlockEvent } from "./blocks.ts";
import { completeArgs } from "./call-args.ts";
import { GatewayError } from "./errors.ts";
import type { AssistantPart, StreamEvent, UnifiedResult } from "./unified.ts";

export interface Fold {
  push: (events: StreamEvent[]) => void;
  /** Throws the stream's error, or one that says the stream ended without its finish. */
  end: () => UnifiedResult;
}

/** The full answer of a stream of events. */
export function createFold(): Fold {
  const blocks = createBlocks();
  const result: UnifiedResult = { content: [], finishReason: "stop" };
  let finished = false;

  const take = (event: BlockEvent): void => {
    switch (event.type) {
      case "start":
        result.id = event.id;
        result.model = event.model;
        return;
      case "block-stop":
        return addBlock(result, event.block);
      case "logprobs":
        (result.logprobs ??= []).push(...event.logprobs);
        return;
      case "finish":
        finished = true;
        result.finishReason = event.reason;
        if (event.usage) result.usage = event.usage;
        if (event.stopSequence !== undefined) result.stopSequence = event.stopSequence;
        return;
      case "error":
        throw event.error;
      default:
    }
  };
  return {
    push(events) {
      for (const event of blocks.push(events)) take(event);
    },
    end() {
      for (const event of blocks.end()) take(event);
      if (!finished) throw new GatewayError("upstream", "the provider's answer ended before it was finished");
      return result;
    },
  };
}

export function foldEvents(events: StreamEvent[]): UnifiedResult {
  const fold = createFold();
  fold.push(events);
  return fold.end();
}

/** The events of a full answer: the inverse of `foldEvents`, for providers that answered with one body. */
export function replay(result: UnifiedResult): StreamEvent[] {
  const events: StreamEvent[] = [{ type: "start", id: result.id, model: result.model }];
  let index = 0;
  for (const part of result.content) events.push(...replayPart(part, index++));
  if (result.refusal !== undefined) events.push({ type: "refusal-delta", text: result.refusal });
  if (result.logprobs) events.push({ type: "logprobs", logprobs: result.logprobs });
  const { finishReason: reason, usage, stopSequence } = result;
  events.push({
    type: "finish",
    reason,
    ...(usage && { usage }),
    ...(stopSequence !== undefined && { stopSequence }),
  });
  return events;
}

function replayPart(part: AssistantPart, index: number): StreamEvent[] {
  switch (part.type) {
    case "text":
      return [{ type: "text-delta", text: part.text }];
    case "thinking": {
      const { signature, redacted } = part;
      const seal: StreamEvent[] = signature ? [{ type: "thinking-signature", signature, redacted }] : [];
      return part.text === "" ? seal : [{ type: "thinking-delta", text: part.text }, ...seal];
    }
    case "tool-call": {
      const { id, name, signature } = part;
      return [
        { type: "tool-start", index, id: id || undefined, name, ...(signature && { signature }) },
        { type: "tool-delta", index, json: completeArgs(part.args) },
      ];
    }
    case "media":
      return [{ type: "media", media: part }];
    default:
      return part satisfies never;
  }
}

function addBlock(result: UnifiedResult, block: Block): void {
  switch (block.kind) {
    case "text":
      result.content.push({ type: "text", text: block.text });
      return;
    case "thinking": {
      const { text, signature, redacted } = block;
      result.content.push({
        type: "thinking",
        text,
        ...(signature && { signature }),
        ...(redacted && { redacted }),
      });
      return;
    }
    case "tool-call": {
      const { id, name, signature } = block;
      const args = completeArgs(block.args);
      result.content.push({ type: "tool-call", id, name, args, ...(signature && { signature }) });
      return;
    }
    case "media":
      result.content.push(block.media);
      return;
    case "refusal":
      result.refusal = (result.refusal ?? "") + block.text;
      return;
    default:
      block satisfies never;
  }
}
