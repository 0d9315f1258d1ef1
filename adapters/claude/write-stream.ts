import type { StreamWriter, WriteContext } from "../adapter.ts";
import { createBlocks, type Block, type BlockEvent } from "../blocks.ts";
import { writeSse } from "../sse.ts";
import type { StreamEvent } from "../unified.ts";
import { toStopDetails, toStopReason } from "./finish-reason.ts";
import { writeUsage } from "./usage.ts";
import { toMediaText, toSignatureText } from "./write-blocks.ts";
import { toErrorBody } from "./write-error.ts";

/**
 * Claude's event sequence: `message_start`, `ping`, every block with its start, deltas and stop, `message_delta` with
 * all counts (they are known only then), `message_stop`. An error ends it without `message_stop`.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const blocks = createBlocks();
  let begun = false;
  let ended = false;
  let called = false;
  let refused = false;

  const begin = (): string => {
    if (begun) return "";
    begun = true;
    const message = {
      id: `msg_${context.id}`,
      type: "message",
      role: "assistant",
      model: context.request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: writeUsage(undefined),
    };
    return frame({ type: "message_start", message }) + PING;
  };
  const write = (event: BlockEvent): string => {
    switch (event.type) {
      case "start":
        return begin();
      case "block-start":
        if (event.block.kind === "tool-call") called = true;
        if (event.block.kind === "refusal") refused = true;
        return begin() + startBlock(event.block, context);
      case "block-delta":
        return writeDelta(event.block, event.delta);
      case "block-stop":
        return stopBlock(event.block);
      case "logprobs":
        return "";
      case "finish": {
        ended = true;
        const { reason, stopSequence } = event;
        const stop_reason = toStopReason({ reason, stopSequence, called, refused });
        const stop_details = toStopDetails(stop_reason);
        const delta = { stop_reason, stop_sequence: stopSequence ?? null, stop_details };
        const usage = writeUsage(event.usage);
        return begin() + frame({ type: "message_delta", delta, usage }) + frame({ type: "message_stop" });
      }
      case "error":
        ended = true;
        return frame({ ...toErrorBody(event.error) });
      default:
        return event satisfies never;
    }
  };
  const writeAll = (events: BlockEvent[]): string => {
    let text = "";
    for (const event of events) if (!ended) text += write(event);
    return text;
  };
  return {
    push: (events: StreamEvent[]) => writeAll(blocks.push(events)),
    end: () => writeAll(blocks.end()),
  };
}

interface WireEvent {
  type: string;
  [field: string]: unknown;
}

/** Also what keeps a waiting client patient: Claude Code counts only data-bearing events. */
export const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

const frame = (event: WireEvent): string => writeSse(JSON.stringify(event), event.type);

function startBlock(block: Block, context: WriteContext): string {
  const { index } = block;
  const start = (content_block: object): string =>
    frame({ type: "content_block_start", index, content_block });
  switch (block.kind) {
    case "text":
    case "refusal":
      return start({ type: "text", text: "" });
    case "thinking":
      return block.redacted
        ? start({ type: "redacted_thinking", data: toSignatureText(block.signature) })
        : start({ type: "thinking", thinking: "", signature: "" });
    case "tool-call": {
      const id = block.id === "" ? `toolu_${context.newId()}` : block.id;
      return start({ type: "tool_use", id, name: block.name, input: {} });
    }
    case "media":
      return (
        start({ type: "text", text: "" }) +
        toDelta(index, { type: "text_delta", text: toMediaText(block.media) })
      );
    default:
      return block satisfies never;
  }
}

function writeDelta(block: Block, delta: string): string {
  switch (block.kind) {
    case "text":
    case "refusal":
      return toDelta(block.index, { type: "text_delta", text: delta });
    case "thinking":
      return toDelta(block.index, { type: "thinking_delta", thinking: delta });
    case "tool-call":
      return toDelta(block.index, { type: "input_json_delta", partial_json: delta });
    case "media":
      return "";
    default:
      return block satisfies never;
  }
}

function stopBlock(block: Block): string {
  const { index } = block;
  const stop = frame({ type: "content_block_stop", index });
  if (block.kind !== "thinking" || block.redacted || !block.signature) return stop;
  return toDelta(index, { type: "signature_delta", signature: toSignatureText(block.signature) }) + stop;
}

const toDelta = (index: number, delta: object): string =>
  frame({ type: "content_block_delta", index, delta });
