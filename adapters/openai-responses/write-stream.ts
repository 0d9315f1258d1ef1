import type { StreamWriter, WriteContext } from "../adapter.ts";
import { createBlocks, type Block, type BlockEvent } from "../blocks.ts";
import { completeArgs } from "../call-args.ts";
import { unwrapCustomInput } from "../custom-tools.ts";
import { writeSse } from "../sse.ts";
import type { FinishReason, Usage } from "../unified.ts";
import type { Json } from "../validate.ts";
import { openItem, partText, writeItem, writePart, type OpenItem } from "./output-item.ts";
import { begun, toIncompleteReason, writeOutcome, writeSettings, type Outcome } from "./response-object.ts";
import { toStreamError } from "./write-error.ts";
import { stopStatus } from "./write-response.ts";
import type { ItemStatus } from "./wire.ts";

/**
 * The whole sequence of events an official client asks for: every item and part is announced, grows, is given whole
 * and is closed; the last event repeats all output. Events are numbered without gaps.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const blocks = createBlocks();
  const output: Json[] = [];
  let settings: Json | undefined;
  let number = 0;
  let open: OpenItem | undefined;
  let hasSummary = false;
  let logprobs: unknown[] = [];
  let result: Json | undefined;
  let out = "";

  const emit = (type: string, fields: Json): void => {
    out += writeSse(JSON.stringify({ type, sequence_number: number++, ...fields }), type);
  };
  const begin = (): Json => {
    if (settings) return settings;
    settings = writeSettings(context);
    const response = { ...settings, ...begun };
    emit("response.created", { response });
    emit("response.in_progress", { response });
    return settings;
  };
  const finish = (type: string, outcome: Outcome): void => {
    result = { ...begin(), ...writeOutcome(outcome, context) };
    emit(type, { response: result });
  };
  const place = (): Json => ({ item_id: open?.id, output_index: output.length });

  const start = (block: Block): void => {
    open = openItem(block, context);
    hasSummary = false;
    emit("response.output_item.added", {
      output_index: output.length,
      item: writeItem(open, block, "in_progress"),
    });
    if (open.type === "message") {
      const part = writePart({ kind: block.kind === "refusal" ? "refusal" : "text", index: 0, text: "" });
      emit("response.content_part.added", { ...place(), content_index: 0, part });
    } else if (open.type === "image_generation_call") {
      emit("response.image_generation_call.in_progress", place());
    }
  };
  const grow = (block: Block, delta: string): void => {
    if (block.kind === "text") {
      emit("response.output_text.delta", { ...place(), content_index: 0, delta, logprobs: [] });
    } else if (block.kind === "refusal") {
      emit("response.refusal.delta", { ...place(), content_index: 0, delta });
    } else if (block.kind === "thinking") {
      // The part is announced only now: a hidden thought has no text at all.
      if (!hasSummary) {
        hasSummary = true;
        const part = { type: "summary_text", text: "" };
        emit("response.reasoning_summary_part.added", { ...place(), summary_index: 0, part });
      }
      emit("response.reasoning_summary_text.delta", { ...place(), summary_index: 0, delta });
    } else if (open?.type === "function_call") {
      emit("response.function_call_arguments.delta", { ...place(), delta });
    }
    // The free text of a custom call stands JSON-encoded in its arguments: it is given whole at the end.
  };
  const stop = (block: Block, status: ItemStatus): void => {
    if (!open) return;
    if (open.type === "message") stopMessage(block);
    else if (open.type === "reasoning" && block.kind === "thinking" && hasSummary) {
      const at = { ...place(), summary_index: 0 };
      const { text } = block;
      emit("response.reasoning_summary_text.done", { ...at, text });
      emit("response.reasoning_summary_part.done", { ...at, part: { type: "summary_text", text } });
    } else if (open.type === "function_call" && block.kind === "tool-call") {
      const fields = { name: open.name, arguments: completeArgs(block.args) };
      emit("response.function_call_arguments.done", { ...place(), ...fields });
    } else if (open.type === "custom_tool_call" && block.kind === "tool-call") {
      const input = unwrapCustomInput(block.args);
      emit("response.custom_tool_call_input.delta", { ...place(), delta: input });
      emit("response.custom_tool_call_input.done", { ...place(), input });
    } else if (open.type === "image_generation_call") {
      emit("response.image_generation_call.completed", place());
    }
    const item = writeItem(open, block, status, block.kind === "text" ? logprobs : []);
    emit("response.output_item.done", { output_index: output.length, item });
    if (block.kind === "text") logprobs = [];
    output.push(item);
    open = undefined;
  };
  const stopMessage = (block: Block): void => {
    const at = { ...place(), content_index: 0 };
    if (block.kind === "refusal") emit("response.refusal.done", { ...at, refusal: block.text });
    else {
      const text = partText(block);
      const spoken = block.kind === "text" ? logprobs : [];
      if (block.kind === "media") emit("response.output_text.delta", { ...at, delta: text, logprobs: [] });
      emit("response.output_text.done", { ...at, text, logprobs: spoken });
    }
    emit("response.content_part.done", {
      ...at,
      part: writePart(block, block.kind === "text" ? logprobs : []),
    });
  };
  const end = (reason: FinishReason, usage: Usage | undefined): void => {
    const type = toIncompleteReason(reason) ? "response.incomplete" : "response.completed";
    finish(type, { output, reason, usage });
  };

  const take = (event: BlockEvent, status: ItemStatus): void => {
    begin();
    switch (event.type) {
      case "start":
        return;
      case "block-start":
        return start(event.block);
      case "block-delta":
        return grow(event.block, event.delta);
      case "block-stop":
        return stop(event.block, status);
      case "logprobs":
        logprobs.push(...event.logprobs);
        return;
      case "finish":
        return end(event.reason, event.usage);
      case "error":
        return finish("response.failed", { output, error: toStreamError(event.error) });
      default:
        event satisfies never;
    }
  };
  const takeAll = (events: BlockEvent[]): string => {
    out = "";
    events.forEach((event, index) => take(event, stopStatus(events, index)));
    return out;
  };
  return {
    push: (events) => takeAll(blocks.push(events)),
    end: () => takeAll(blocks.end()),
    result: () => result,
  };
}
