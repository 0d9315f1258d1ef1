import type { StreamWriter, WriteContext } from "../adapter.ts";
import { quote } from "../quote.ts";
import { createBlocks, type Block, type BlockEvent, type NativeBlock } from "../blocks.ts";
import { writeSse } from "../sse.ts";
import type { StreamEvent } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toStartText } from "./start-text.ts";
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
  let begun = false;
  let pinged = false;
  let ended = false;
  let called = false;
  let refused = false;
  let grown: Block | undefined;
  let head = "";

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
    begin() + frame({ type: "content_block_start", index, content_block }) + ping();

  const open = (block: Block): string => {
    const { index } = block;
    switch (block.kind) {
      case "refusal":
        refused = true;
        return startBlock(index, { type: "text", text: "" });
      case "text":
        if (!block.cited) return begin() + toTextStart(index) + ping();
        return startBlock(index, { citations: [], type: "text", text: "" });
      case "thinking":
        return block.redacted
          ? startBlock(index, { type: "redacted_thinking", data: toSignatureText(block.signature) })
          : startBlock(index, { type: "thinking", thinking: "", signature: "" });
      case "tool-call": {
        called = true;
        const id = block.id === "" ? `toolu_${context.newId()}` : block.id;
        const fields = { id, name: block.name, input: {}, ...writeCallFields(block.native) };
        return startBlock(index, { type: "tool_use", ...fields }) + toInput(index, "");
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
        const stop = toStop(event.index);
        return (
          startBlock(event.index, start) + deltas.map((delta) => toDelta(event.index, delta)).join("") + stop
        );
      }
      case "logprobs":
        return "";
      case "finish":
        ended = true;
        return begin(event) + ping() + frame(writeEnd({ ...event, called, refused }, context)) + MESSAGE_STOP;
      case "error":
        ended = true;
        return frame({ ...toErrorEvent(event.error, context.call) });
      default:
        return event satisfies never;
    }
  };
  const writeAll = (events: (BlockEvent | NativeBlock)[]): string => {
    let text = "";
    for (const event of events) if (!ended) text += write(event);
    return text;
  };
  /** What most events do: what a piece of text begins with is written once for a block. */
  const writeGrown = (event: StreamEvent): string | undefined => {
    if (ended || (event.type !== "text-delta" && event.type !== "thinking-delta")) return undefined;
    const block = blocks.grow(event);
    if (!block) return undefined;
    if (block !== grown) {
      grown = block;
      head = toHead(block.index, TEXTS[event.type]);
    }
    return head + quote(event.text) + TAIL;
  };
  return {
    push(events) {
      let text = "";
      for (const event of events) {
        text += writeGrown(event) ?? writeAll(blocks.push([event]));
      }
      return text;
    },
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

function writeDelta(block: Block, delta: string): string {
  switch (block.kind) {
    case "text":
    case "refusal":
      return toTextDelta(block.index, TEXTS["text-delta"], delta);
    case "thinking":
      return toTextDelta(block.index, TEXTS["thinking-delta"], delta);
    case "tool-call":
      return toInput(block.index, delta);
    case "media":
      return "";
    default:
      return block satisfies never;
  }
}

function stopBlock(block: Block): string {
  const { index } = block;
  const stop = toStop(index);
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

const toTextDelta = (index: number, names: DeltaNames, text: string): string =>
  toHead(index, names) + quote(text) + TAIL;

const toInput = (index: number, json: string): string => toTextDelta(index, INPUT, json);

/** As `frame` writes them. */
const toTextStart = (index: number): string =>
  `event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":{"type":"text","text":""}}\n\n`;
const toStop = (index: number): string =>
  `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

/** One piece, so that it is not put together again wherever it is written. */
const toHead = (index: number, { type, field }: DeltaNames): string =>
  [
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":`,
    index,
    `,"delta":{"type":"${type}","${field}":`,
  ].join("");

interface DeltaNames {
  type: string;
  field: string;
}

const TEXTS = {
  "text-delta": { type: "text_delta", field: "text" },
  "thinking-delta": { type: "thinking_delta", field: "thinking" },
} satisfies Record<string, DeltaNames>;
const INPUT: DeltaNames = { type: "input_json_delta", field: "partial_json" };
const TAIL = "}}\n\n";

const toDelta = (index: number, delta: object): string =>
  frame({ type: "content_block_delta", index, delta });
