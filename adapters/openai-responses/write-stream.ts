import type { StreamWriter, WriteContext } from "../adapter.ts";
import type { BlockEvent, NativeBlock } from "../blocks.ts";
import { writeSse } from "../sse.ts";
import type { FinishReason, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { createAnswerBlocks } from "./answer-blocks.ts";
import { findFault, isCompacting, writeCompactionItem } from "./compaction.ts";
import { createItemEvents } from "./item-events.ts";
import {
  toIncompleteReason,
  writeBegun,
  writeOutcome,
  writeSettings,
  type Outcome,
} from "./response-object.ts";
import { toStreamError } from "./write-error.ts";
import { stopStatus } from "./write-response.ts";
import type { ItemStatus } from "./wire.ts";

/**
 * The whole sequence of events an official client asks for: every item and part is announced, grows, is given whole
 * and is closed; the last event repeats all output. Events are numbered without gaps.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const blocks = createAnswerBlocks();
  const compacting = isCompacting(context.request);
  let settings: Json | undefined;
  let summary = "";
  let number = 0;
  let result: Json | undefined;
  let out = "";

  // The fields, one at least, are written behind the two that every event has: joining objects costs as much as writing.
  const emit = (type: string, fields: Json): void => {
    const others = JSON.stringify(fields).slice(1);
    out += writeSse(`{"type":"${type}","sequence_number":${number++},${others}`, type);
  };
  const items = createItemEvents(context, emit);
  const { output } = items;
  const begin = (): Json => {
    if (settings) return settings;
    settings = writeSettings(context);
    const response = writeBegun(context, settings);
    emit("response.created", { response });
    emit("response.in_progress", { response });
    return settings;
  };
  const finish = (type: string, outcome: Outcome): void => {
    result = { ...begin(), ...writeOutcome(outcome, context) };
    emit(type, { response: result });
  };
  const end = (reason: FinishReason, usage: Usage | undefined): void => {
    const type = toIncompleteReason(reason) ? "response.incomplete" : "response.completed";
    finish(type, { output, reason, usage });
  };

  const take = (event: BlockEvent | NativeBlock, status: ItemStatus): void => {
    begin();
    switch (event.type) {
      case "start":
        return;
      case "block-start":
        return items.start(event.block);
      case "block-delta":
        return items.grow(event.block, event.delta);
      case "block-citation":
        return items.cite(event.citation);
      case "block-native":
        if (isObject(event.native.body)) items.add(event.native.body, event.native.body);
        return;
      case "block-stop":
        return items.stop(event.block, status);
      case "logprobs":
        return items.logprobs(event.logprobs);
      case "finish":
        return end(event.reason, event.usage);
      case "error":
        return finish("response.failed", { output, error: toStreamError(event.error) });
      default:
        event satisfies never;
    }
  };
  /** Of an answer that is a summary only its text is told, whole, as one item. */
  const takeSummary = (event: BlockEvent | NativeBlock): void => {
    if (event.type === "block-stop" && event.block.kind === "text") summary += event.block.text;
    else if (event.type === "finish") {
      const error = findFault(summary, event.reason);
      if (error) return take({ type: "error", error }, "completed");
      begin();
      const item = writeCompactionItem(context, summary);
      items.add({ ...item, encrypted_content: "" }, item);
      // Whatever tools it would have called: nothing follows from them.
      end("stop", event.usage);
    } else if (event.type === "error" || event.type === "start") take(event, "completed");
  };
  const takeAll = (events: (BlockEvent | NativeBlock)[]): string => {
    out = "";
    events.forEach((event, index) =>
      compacting ? takeSummary(event) : take(event, stopStatus(events, index)),
    );
    return out;
  };
  return {
    push: (events) => takeAll(blocks.push(events)),
    end: () => takeAll(blocks.end()),
    result: () => result,
  };
}
