import type { NameMap } from "../tool-names.ts";
import type { FinishReason, StreamEvent } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toFinishReason } from "./finish-reason.ts";
import { firstWord } from "./first-word.ts";
import { toStreamError } from "./parse-error.ts";
import { readCounts, toUsage, type Counts } from "./usage.ts";
import { PROTOCOL } from "./wire.ts";

export interface EventReader {
  /** Reads one wire event; after `finish` or `error` nothing more is given. */
  take: (event: Json, out: StreamEvent[]) => void;
  /** An end without `message_stop`: an answer if a stop reason came; returns false if none did. */
  close: (out: StreamEvent[]) => boolean;
  done: () => boolean;
}

/** A block on its way: what its start said and its end has to make good. */
interface OpenBlock {
  type: string;
  /** Index of the tool call among the calls of the answer. */
  call?: number;
  /** Arguments that the block's start brought whole. */
  input?: Json;
  hasJson?: boolean;
  signature?: string;
}

/** Claude's events → unified ones. Full answers go through it as well, so that both mean the same. */
export function createEventReader(names: NameMap): EventReader {
  const blocks = new Map<unknown, OpenBlock>();
  let latest: unknown;
  let calls = 0;
  let counts: Counts | undefined;
  let reason: unknown;
  let stopSequence: string | undefined;
  let done = false;

  const start = (index: unknown, block: Json, out: StreamEvent[]): void => {
    // Some imitators never stop a block before they start the next. Calls may stay open side by side: they have indexes.
    for (const [other, open] of blocks) if (other === index || open.call === undefined) stop(other, out);
    latest = index;
    const open: OpenBlock = { type: firstWord(block.type) };
    blocks.set(index, open);
    switch (block.type) {
      case "text":
        return addText("text-delta", block.text, out);
      case "thinking":
        addText("thinking-delta", block.thinking, out);
        if (typeof block.signature === "string") open.signature = block.signature;
        return;
      case "redacted_thinking": {
        if (typeof block.data !== "string") return;
        const signature = { origin: PROTOCOL, value: block.data };
        out.push({ type: "thinking-signature", signature, redacted: true });
        return;
      }
      case "tool_use": {
        open.call = calls++;
        if (isObject(block.input) && Object.keys(block.input).length) open.input = block.input;
        const id = typeof block.id === "string" && block.id !== "" ? { id: block.id } : {};
        out.push({
          type: "tool-start",
          index: open.call,
          ...id,
          name: names.fromWire(firstWord(block.name)),
        });
        return;
      }
      default:
      // Tools the provider runs itself, uploads, blocks to come: their text blocks tell what came of them.
    }
  };
  const grow = (index: unknown, delta: Json, out: StreamEvent[]): void => {
    const open = blocks.get(index);
    switch (delta.type) {
      case "text_delta":
        return addText("text-delta", delta.text, out);
      case "thinking_delta":
        return addText("thinking-delta", delta.thinking, out);
      case "signature_delta":
        if (open && typeof delta.signature === "string") open.signature = delta.signature;
        return;
      case "input_json_delta": {
        const json = delta.partial_json;
        if (open?.call === undefined || typeof json !== "string" || json === "") return;
        if (json.trim() !== "") open.hasJson = true;
        out.push({ type: "tool-delta", index: open.call, json });
        return;
      }
      default:
    }
  };
  const stop = (index: unknown, out: StreamEvent[]): void => {
    const open = blocks.get(index);
    blocks.delete(index);
    if (open?.type === "thinking" && open.signature) {
      out.push({ type: "thinking-signature", signature: { origin: PROTOCOL, value: open.signature } });
    }
    if (open?.call !== undefined && !open.hasJson) {
      out.push({ type: "tool-delta", index: open.call, json: JSON.stringify(open.input ?? {}) });
    }
  };
  const end = (event: Json, out: StreamEvent[]): void => {
    const delta = isObject(event.delta) ? event.delta : {};
    counts = readCounts(event.usage, counts);
    if (typeof delta.stop_reason === "string") reason = delta.stop_reason;
    if (typeof delta.stop_sequence === "string") stopSequence = delta.stop_sequence;
    const explanation = isObject(delta.stop_details) ? delta.stop_details.explanation : undefined;
    if (typeof explanation !== "string" || explanation === "") return;
    for (const open of blocks.keys()) stop(open, out);
    out.push({ type: "refusal-delta", text: explanation });
  };
  const finish = (out: StreamEvent[]): void => {
    for (const open of blocks.keys()) stop(open, out);
    done = true;
    const finishReason: FinishReason = toFinishReason(reason, calls > 0);
    out.push({
      type: "finish",
      reason: finishReason,
      ...(counts && { usage: toUsage(counts) }),
      ...(reason === "stop_sequence" && stopSequence !== undefined && { stopSequence }),
    });
  };
  const take = (event: Json, out: StreamEvent[]): void => {
    const index = event.index ?? latest;
    switch (event.type) {
      case "message_start": {
        const message = isObject(event.message) ? event.message : {};
        const { id, model } = message;
        counts = readCounts(message.usage, counts);
        out.push({
          type: "start",
          ...(typeof id === "string" && { id }),
          ...(typeof model === "string" && { model }),
        });
        return;
      }
      case "content_block_start":
        if (isObject(event.content_block)) start(event.index, event.content_block, out);
        return;
      case "content_block_delta":
        if (isObject(event.delta)) grow(index, event.delta, out);
        return;
      case "content_block_stop":
        return stop(index, out);
      case "message_delta":
        return end(event, out);
      case "message_stop":
        return finish(out);
      default:
        // Imitators also send errors in other protocols' shapes, without a type.
        if (event.type !== "error" && !event.error) return;
        done = true;
        out.push({ type: "error", error: toStreamError(event) });
    }
  };
  return {
    take: (event, out) => {
      if (!done) take(event, out);
    },
    close: (out) => {
      if (!done && reason !== undefined) finish(out);
      return done;
    },
    done: () => done,
  };
}

function addText(type: "text-delta" | "thinking-delta", text: unknown, out: StreamEvent[]): void {
  if (typeof text === "string" && text !== "") out.push({ type, text });
}
