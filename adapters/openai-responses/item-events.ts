import type { WriteContext } from "../adapter.ts";
import type { Block } from "../blocks.ts";
import { completeArgs } from "../call-args.ts";
import type { Citation } from "../unified.ts";
import type { Json } from "../validate.ts";
import { hasPlace, writeAnnotation, writeAnnotations } from "./annotations.ts";
import { createInputDecoder, type InputDecoder } from "./input-decoder.ts";
import { openItem, partText, writeItem, writePart, type OpenItem } from "./output-item.ts";
import type { ItemStatus } from "./wire.ts";

export interface ItemEvents {
  start: (block: Block) => void;
  grow: (block: Block, delta: string) => void;
  cite: (citation: Citation) => void;
  logprobs: (logprobs: unknown[]) => void;
  stop: (block: Block, status: ItemStatus) => void;
  /** Puts a whole item into the output that no block stands for. */
  add: (begun: Json, item: Json) => void;
  /** All finished items. */
  output: Json[];
}

/** The events of one output item after another: each is announced, grows, is given whole, and is closed. */
export function createItemEvents(
  context: WriteContext,
  emit: (type: string, fields: Json) => void,
): ItemEvents {
  const output: Json[] = [];
  let open: OpenItem | undefined;
  let input: InputDecoder | undefined;
  let hasSummary = false;
  let annotated = 0;
  let logprobs: unknown[] = [];

  const place = (): Json => ({ item_id: open?.id, output_index: output.length });
  const inPart = (): Json => ({ ...place(), content_index: 0 });
  const begin = (item: Json): void =>
    emit("response.output_item.added", { output_index: output.length, item });
  const end = (item: Json): void => {
    emit("response.output_item.done", { output_index: output.length, item });
    output.push(item);
  };
  const giveInput = (delta: string): void => {
    if (delta !== "") emit("response.custom_tool_call_input.delta", { ...place(), delta });
  };
  const annotate = (annotation: Json): void =>
    emit("response.output_text.annotation.added", {
      ...inPart(),
      annotation_index: annotated++,
      annotation,
    });

  const start = (block: Block): void => {
    open = openItem(block, context);
    hasSummary = false;
    annotated = 0;
    begin(writeItem(open, block, "in_progress"));
    if (open.type === "message") {
      const part = writePart({ kind: block.kind === "refusal" ? "refusal" : "text", index: 0, text: "" });
      emit("response.content_part.added", { ...inPart(), part });
    } else if (open.type === "image_generation_call") {
      emit("response.image_generation_call.in_progress", place());
    } else if (open.type === "custom_tool_call") input = createInputDecoder();
  };
  const grow = (block: Block, delta: string): void => {
    if (block.kind === "text") {
      // Each token is one of these.
      const [item_id, output_index] = [open?.id, output.length];
      emit("response.output_text.delta", { item_id, output_index, content_index: 0, delta, logprobs: [] });
    } else if (block.kind === "refusal") {
      emit("response.refusal.delta", { ...inPart(), delta });
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
    } else if (open?.type === "custom_tool_call") giveInput(input?.push(delta) ?? "");
    // A built-in tool's call has no text of its own to grow: it is given whole.
  };
  const stop = (block: Block, status: ItemStatus): void => {
    if (!open) return;
    const item = writeItem(open, block, status, block.kind === "text" ? logprobs : []);
    if (open.type === "message") stopMessage(block);
    else if (open.type === "reasoning" && block.kind === "thinking" && hasSummary) {
      const at = { ...place(), summary_index: 0 };
      const { text } = block;
      emit("response.reasoning_summary_text.done", { ...at, text });
      emit("response.reasoning_summary_part.done", { ...at, part: { type: "summary_text", text } });
    } else if (open.type === "function_call" && block.kind === "tool-call") {
      const fields = { name: open.name, arguments: completeArgs(block.args) };
      emit("response.function_call_arguments.done", { ...place(), ...fields });
    } else if (open.type === "custom_tool_call") {
      giveInput(input?.end() ?? "");
      emit("response.custom_tool_call_input.done", { ...place(), input: item.input });
    } else if (open.type === "image_generation_call") {
      emit("response.image_generation_call.completed", place());
    }
    if (block.kind === "text") logprobs = [];
    end(item);
    open = undefined;
  };
  const stopMessage = (block: Block): void => {
    const spoken = block.kind === "text" ? logprobs : [];
    if (block.kind === "refusal") emit("response.refusal.done", { ...inPart(), refusal: block.text });
    else {
      const text = partText(block);
      if (block.kind === "media")
        emit("response.output_text.delta", { ...inPart(), delta: text, logprobs: [] });
      if (block.kind === "text") {
        writeAnnotations(block.citations, text.length).slice(annotated).forEach(annotate);
      }
      emit("response.output_text.done", { ...inPart(), text, logprobs: spoken });
    }
    emit("response.content_part.done", { ...inPart(), part: writePart(block, spoken) });
  };
  return {
    output,
    start,
    grow,
    stop,
    cite(citation) {
      // A source that is about all of a text waits until its length is known.
      const annotation = hasPlace(citation) ? writeAnnotation(citation, 0) : undefined;
      if (annotation) annotate(annotation);
    },
    logprobs(list) {
      logprobs.push(...list);
      // They come behind their text: clients that read them from the deltas get them in one that adds none.
      if (open?.type === "message")
        emit("response.output_text.delta", { ...inPart(), delta: "", logprobs: list });
    },
    add(begun, item) {
      begin(begun);
      end(item);
    },
  };
}
