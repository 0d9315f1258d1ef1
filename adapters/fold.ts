import {
  createBlocks,
  type Block,
  type BlockEvent,
  type BlockOptions,
  type BlockStage,
  type NativeBlock,
} from "./blocks.ts";
import { completeArgs } from "./call-args.ts";
import { GatewayError } from "./errors.ts";
import type { AssistantPart, StreamEvent, TextPart, UnifiedResult } from "./unified.ts";

export interface Fold {
  push: (events: StreamEvent[]) => void;
  /** Throws the stream's error, or one that says the stream ended without its finish. */
  end: () => UnifiedResult;
}

/**
 * The full answer of a stream of events. By default with everything, so that `replay` can tell it again; for a reader
 * that knows no natives, or only those of its protocol, without what is not for it.
 */
export function createFold(options: BlockOptions = { natives: "all" }): Fold {
  // Made where there is more than one text: most answers have no other block.
  let blocks: BlockStage<BlockEvent | NativeBlock> | undefined;
  let text = "";
  const result: UnifiedResult = { content: [], finishReason: "stop" };
  let finished = false;

  const take = (event: BlockEvent | NativeBlock): void => {
    switch (event.type) {
      case "start":
        result.id = event.id;
        result.model = event.model;
        return;
      case "block-stop":
        return addBlock(result, event.block);
      case "block-native":
        result.content.push({ type: "text", text: "", native: event.native });
        return;
      case "logprobs":
        (result.logprobs ??= []).push(...event.logprobs);
        return;
      case "finish":
        finished = true;
        result.finishReason = event.reason;
        if (event.usage) result.usage = event.usage;
        if (event.stopSequence !== undefined) result.stopSequence = event.stopSequence;
        if (event.native) result.native = event.native;
        return;
      case "error":
        throw event.error;
      default:
    }
  };
  /** Takes what an answer of one text consists of; false: there is more to it. */
  const takePlain = (event: StreamEvent): boolean => {
    if (finished) return false;
    if (event.type === "text-delta" && !event.apart) text += event.text;
    else if (event.type === "start" || event.type === "logprobs" || event.type === "finish") take(event);
    else return false;
    return true;
  };
  return {
    push(events) {
      let plain = 0;
      if (!blocks) {
        while (plain < events.length && takePlain(events[plain] as StreamEvent)) plain++;
        if (plain === events.length) return;
        blocks = createBlocks(options);
        const before: StreamEvent[] = text === "" ? [] : [{ type: "text-delta", text }];
        if (finished) before.push({ type: "finish", reason: result.finishReason });
        for (const event of blocks.push(before)) if (event.type !== "finish") take(event);
      }
      for (const event of blocks.push(plain === 0 ? events : events.slice(plain))) take(event);
    },
    end() {
      if (blocks) for (const event of blocks.end()) take(event);
      else if (text !== "") result.content.push({ type: "text", text });
      if (!finished) throw unfinished();
      return result;
    },
  };
}

/** An answer that has no finish. */
export const unfinished = (): GatewayError =>
  new GatewayError("upstream", "the provider's answer ended before it was finished");

export function foldEvents(events: StreamEvent[]): UnifiedResult {
  const fold = createFold();
  fold.push(events);
  return fold.end();
}

/** The events of a full answer: the inverse of `foldEvents`, for providers that answered with one body. */
export function replay(result: UnifiedResult): StreamEvent[] {
  const events: StreamEvent[] = [{ type: "start", id: result.id, model: result.model }];
  for (const [index, part] of result.content.entries()) {
    const before = result.content[index - 1];
    const apart = before?.type === "text" && !before.native;
    events.push(...replayPart(part, { index, apart }));
  }
  if (result.refusal !== undefined) events.push({ type: "refusal-delta", text: result.refusal });
  if (result.logprobs) events.push({ type: "logprobs", logprobs: result.logprobs });
  const { finishReason: reason, usage, stopSequence, native } = result;
  events.push({
    type: "finish",
    reason,
    ...(usage && { usage }),
    ...(stopSequence !== undefined && { stopSequence }),
    ...(native && { native }),
  });
  return events;
}

function replayPart(part: AssistantPart, { index, apart }: { index: number; apart: boolean }): StreamEvent[] {
  switch (part.type) {
    case "text":
      if (part.native) return [{ type: "native", native: part.native }];
      return [
        { type: "text-delta", text: part.text, ...toApart(part, apart) },
        ...(part.citations ?? []).map((citation): StreamEvent => ({ type: "citation", citation })),
      ];
    case "thinking": {
      const { signature, redacted } = part;
      const seal: StreamEvent[] = signature ? [{ type: "thinking-signature", signature, redacted }] : [];
      return part.text === "" ? seal : [{ type: "thinking-delta", text: part.text }, ...seal];
    }
    case "tool-call": {
      const { id, name, signature, native } = part;
      const more = { ...(signature && { signature }), ...(native && { native }) };
      return [
        { type: "tool-start", index, id: id || undefined, name, ...more },
        { type: "tool-delta", index, json: completeArgs(part.args) },
      ];
    }
    case "media":
      return [{ type: "media", media: part }];
    default:
      return part satisfies never;
  }
}

const toApart = ({ citations }: TextPart, apart: boolean): { apart?: "cited" | "plain" } =>
  citations ? { apart: "cited" } : apart ? { apart: "plain" } : {};

function addBlock(result: UnifiedResult, block: Block): void {
  switch (block.kind) {
    case "text":
      result.content.push({
        type: "text",
        text: block.text,
        ...(block.citations && { citations: block.citations }),
      });
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
      const { id, name, signature, native } = block;
      const more = { ...(signature && { signature }), ...(native && { native }) };
      result.content.push({ type: "tool-call", id, name, args: completeArgs(block.args), ...more });
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
