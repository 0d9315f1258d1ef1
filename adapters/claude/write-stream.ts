import type { StreamWriter, WriteContext } from "../adapter.ts";
import { createBlocks, type Block, type BlockEvent, type NativeBlock } from "../blocks.ts";
import { writeSse } from "../sse.ts";
import type { StreamEvent } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toStartText } from "./start-text.ts";
import { createDeltaRun, writeDelta } from "./write-delta.ts";
import { MESSAGE_STOP, writeFrame, writeStop, writeTextStart } from "./write-frame.ts";
import { writeCallFields, toMediaText, toSignatureText } from "./write-blocks.ts";
import { writeCitation } from "./write-citation.ts";
import { toErrorEvent } from "./write-error.ts";
import { writeEnd, writeStart } from "./write-message.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * Claude's event sequence: `message_start`, every block with its start, deltas and stop, a `ping` behind the first
 * start, `message_delta` with all counts (they are known only then), `message_stop`. An error ends it without.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const blocks = createBlocks({ natives: PROTOCOL, textless: true });
  const run = createDeltaRun();
  let begun = false;
  let pinged = false;
  let ended = false;
  let called = false;
  let refused = false;

  const begin = (event: Pick<Extract<StreamEvent, { type: "start" }>, "usage" | "native"> = {}): string => {
    if (begun) return "";
    begun = true;
    const { usage, native } = event;
    const message = usage || native ? JSON.stringify(writeStart(event, context)) : toStartText(context);
    return writeSse(`{"type":"message_start","message":${message}}`, "message_start");
  };
  const ping = (): string => {
    if (pinged) return "";
    pinged = true;
    return PING;
  };
  const startBlock = (index: number, content_block: object): string =>
    begin() + writeFrame({ type: "content_block_start", index, content_block }) + ping();

  const open = (block: Block): string => {
    const { index } = block;
    switch (block.kind) {
      case "refusal":
        refused = true;
        return startBlock(index, { type: "text", text: "" });
      case "text":
        if (!block.cited) return begin() + writeTextStart(index) + ping();
        return startBlock(index, { citations: [], type: "text", text: "" });
      case "thinking":
        return block.redacted
          ? startBlock(index, { type: "redacted_thinking", data: toSignatureText(block.signature) })
          : startBlock(index, { type: "thinking", thinking: "", signature: "" });
      case "tool-call": {
        called = true;
        const id = block.id === "" ? `toolu_${context.newId()}` : block.id;
        const fields = { id, name: block.name, input: {}, ...writeCallFields(block.native) };
        return startBlock(index, { type: "tool_use", ...fields }) + writeDelta(block, "");
      }
      case "media": {
        const delta = { type: "text_delta", text: toMediaText(block.media) };
        return startBlock(index, { type: "text", text: "" }) + toDelta(index, delta);
      }
      default:
        return block satisfies never;
    }
  };
  const write = (event: BlockEvent | NativeBlock): string => {
    switch (event.type) {
      case "start":
        return begin(event);
      case "block-start":
        return open(event.block);
      case "block-delta":
        return writeDelta(event.block, event.delta);
      case "block-citation":
        return writeCitation(event.citation)
          .map((citation) => toDelta(event.block.index, { type: "citations_delta", citation }))
          .join("");
      case "block-stop":
        return stopBlock(event.block);
      case "block-native": {
        const { start, deltas } = splitBlock(event.native.body as Json);
        const stop = writeStop(event.index);
        return (
          startBlock(event.index, start) + deltas.map((delta) => toDelta(event.index, delta)).join("") + stop
        );
      }
      case "logprobs":
        return "";
      case "finish": {
        ended = true;
        const { reason, stopSequence, usage, native } = event;
        const end = writeEnd({ reason, stopSequence, usage, native, called, refused }, context);
        return begin(event) + ping() + writeFrame(end) + MESSAGE_STOP;
      }
      case "error":
        ended = true;
        return writeFrame({ ...toErrorEvent(event.error, context.call) });
      default:
        return event satisfies never;
    }
  };
  const writeAll = (events: (BlockEvent | NativeBlock)[]): string => {
    let text = "";
    for (const event of events) if (!ended) text += write(event);
    return text;
  };
  return {
    push(events) {
      let text = "";
      for (const event of events) {
        const block = ended ? undefined : blocks.grow(event);
        if (block && "text" in event) text += run.add(block, event.text);
        else text += run.close() + writeAll(blocks.push([event]));
      }
      return text + run.close();
    },
    end: () => writeAll(blocks.end()),
  };
}

/** Also what keeps a waiting client patient: Claude Code counts only data-bearing events. */
export const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

function stopBlock(block: Block): string {
  const { index } = block;
  const stop = writeStop(index);
  if (block.kind !== "thinking" || block.redacted || !block.signature) return stop;
  return toDelta(index, { type: "signature_delta", signature: toSignatureText(block.signature) }) + stop;
}

/** A whole block the way Claude streams it: inputs and summaries come as deltas, everything else with the start. */
function splitBlock(body: Json): { start: object; deltas: object[] } {
  if (body.type === "compaction") {
    const { content, encrypted_content, ...start } = body;
    const more = encrypted_content === undefined ? {} : { encrypted_content };
    return { start: { ...start, content: null }, deltas: [{ type: "compaction_delta", content, ...more }] };
  }
  if (!isObject(body.input)) return { start: body, deltas: [] };
  const pieces = ["", JSON.stringify(body.input)];
  const deltas = pieces.map((partial_json) => ({ type: "input_json_delta", partial_json }));
  return { start: { ...body, input: {} }, deltas };
}

const toDelta = (index: number, delta: object): string =>
  writeFrame({ type: "content_block_delta", index, delta });
