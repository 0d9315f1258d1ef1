import type { WriteContext } from "../adapter.ts";
import type { BlockEvent, NativeBlock } from "../blocks.ts";
import { replay } from "../fold.ts";
import type { UnifiedResult } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { createAnswerBlocks } from "./answer-blocks.ts";
import { COMPACT, findFault, isCompacting, writeCompacted, writeCompactionItem } from "./compaction.ts";
import { openItem, writeItem, type OpenItem } from "./output-item.ts";
import { toIncompleteReason, writeOutcome, writeSettings } from "./response-object.ts";
import type { ItemStatus } from "./wire.ts";

/** A full answer: the output a stream of the same answer ends with, item by item. */
export function writeResponse(result: UnifiedResult, context: WriteContext): Json {
  if (isCompacting(context.request)) return writeCompaction(result, context);
  const blocks = createAnswerBlocks();
  const events = [...blocks.push(replay({ ...result, logprobs: undefined })), ...blocks.end()];
  const output: Json[] = [];
  let logprobs = result.logprobs ?? [];
  let open: OpenItem | undefined;
  events.forEach((event, index) => {
    if (event.type === "block-native" && isObject(event.native.body)) output.push(event.native.body);
    if (event.type === "block-start") open = openItem(event.block, context);
    if (event.type !== "block-stop" || !open) return;
    const isText = event.block.kind === "text";
    output.push(writeItem(open, event.block, stopStatus(events, index), isText ? logprobs : []));
    if (isText) logprobs = [];
  });
  const { finishReason: reason, usage } = result;
  return { ...writeSettings(context), ...writeOutcome({ output, reason, usage }, context) };
}

/** A summary: in a response like others, or in the answer of the route that only compacts. */
function writeCompaction({ content, finishReason, usage }: UnifiedResult, context: WriteContext): Json {
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  const fault = findFault(text, finishReason);
  if (fault) throw fault;
  const output = [writeCompactionItem(context, text)];
  if (context.call.variant === COMPACT) return writeCompacted(output, usage, context);
  return { ...writeSettings(context), ...writeOutcome({ output, reason: "stop", usage }, context) };
}

/** The item that an answer was cut off in is not complete: a half-written call must not be run. */
export function stopStatus(events: (BlockEvent | NativeBlock)[], index: number): ItemStatus {
  const next = events[index + 1];
  return next?.type === "finish" && toIncompleteReason(next.reason) ? "incomplete" : "completed";
}
