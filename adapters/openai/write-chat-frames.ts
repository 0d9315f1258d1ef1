import { writeSse } from "../sse.ts";
import { toChatHead } from "./answer-head.ts";
import { toWireReason } from "./finish-reason.ts";
import { wantsUsage, writeStreamEnd, type ChoicePlace, type FrameWriter } from "./frame-writer.ts";
import { toThoughtField } from "./thought-field.ts";
import { writeAnnotations } from "./write-annotations.ts";
import { isAudio, writeAudio } from "./write-audio.ts";
import { isCustom, wantsFunctionCall, writeCall } from "./write-call.ts";
import { toWireError } from "./write-error.ts";
import { toChatLogprobs } from "./write-logprobs.ts";
import { writeImage } from "./write-message.ts";
import type { Block } from "../blocks.ts";
import type { WriteContext } from "../adapter.ts";
import type { MediaPart } from "../unified.ts";
import type { WireAnnotation } from "./wire.ts";

/**
 * `chat.completion.chunk` frames. The role comes alone in the first delta, with the first thing the model says: until
 * then an error can still become an HTTP status. Calls come one after another, each with its index in every delta.
 * Sources and sound come once and last: the SDKs take what a later delta says of them for all there is.
 */
export function createChatFrames(context: WriteContext, place?: ChoicePlace): FrameWriter {
  const { request } = context;
  const legacy = wantsFunctionCall(request);
  const withUsage = wantsUsage(context);
  const thoughts = toThoughtField(request);
  const base = toChatHead(context, "chat.completion.chunk");
  // All chunks are alike up to the delta, and a stream has thousands.
  const head = `${JSON.stringify(base).slice(0, -1)},"choices":[{"index":${place?.index ?? 0},"delta":`;
  const tail = `}]${withUsage ? ',"usage":null' : ""}}`;
  const annotations: WireAnnotation[] = [];
  let begun = false;
  let calls = 0;
  let custom = false;
  let images = 0;
  let text = "";
  let audio: MediaPart | undefined;

  const frame = (delta: unknown, probabilities = "null", reason?: string): string => {
    const finish = reason === undefined ? "null" : `"${reason}"`;
    return writeSse(
      `${head}${JSON.stringify(delta)},"logprobs":${probabilities},"finish_reason":${finish}${tail}`,
    );
  };
  const textFrame = (delta: string): string =>
    `data: ${head}{"content":${JSON.stringify(delta)}},"logprobs":null,"finish_reason":null${tail}\n\n`;
  const begin = (first?: Block): string => {
    if (begun) return "";
    begun = true;
    // As in a whole answer: the list is there without sources too, and null stands for text where calls or a refusal do.
    const isText = first?.kind !== "tool-call" && first?.kind !== "refusal";
    return frame({ role: "assistant", content: isText ? "" : null, refusal: null, annotations: [] });
  };
  const callFrame = (fields: Record<string, unknown>): string =>
    frame({ tool_calls: [{ index: calls - 1, ...fields }] });

  const startMedia = (media: MediaPart): string => {
    if (audio || !isAudio(media)) return frame({ images: [writeImage(media, images++)] });
    audio = media;
    return "";
  };
  const startBlock = (block: Block): string => {
    if (block.kind === "media") return startMedia(block.media);
    if (block.kind !== "tool-call") return "";
    calls++;
    // Free text can be taken out of its JSON only when all of it is there.
    custom = isCustom(block.name, request);
    if (custom) return "";
    if (legacy) return calls === 1 ? frame({ function_call: { name: block.name, arguments: "" } }) : "";
    const call = writeCall(block, request);
    return callFrame({ ...call, function: { name: block.name, arguments: "" } });
  };
  const growBlock = (block: Block, delta: string, logprobs?: unknown[]): string => {
    const probabilities = logprobs && JSON.stringify(toChatLogprobs(logprobs, block.kind === "refusal"));
    switch (block.kind) {
      case "text":
        text += delta;
        return probabilities ? frame({ content: delta }, probabilities) : textFrame(delta);
      case "thinking":
        return frame({ [thoughts]: delta }, probabilities);
      case "refusal":
        return frame({ refusal: delta }, probabilities);
      case "tool-call": {
        if (custom) return probabilities ? frame({}, probabilities) : "";
        if (!legacy)
          return frame({ tool_calls: [{ index: calls - 1, function: { arguments: delta } }] }, probabilities);
        return calls === 1 ? frame({ function_call: { arguments: delta } }, probabilities) : "";
      }
      case "media":
        return "";
      default:
        return block satisfies never;
    }
  };
  const stopBlock = (block: Block): string => {
    if (block.kind === "text" && block.citations) {
      const { length } = block.text;
      annotations.push(...writeAnnotations(block.citations, { at: text.length - length, length }));
    }
    return block.kind === "tool-call" && custom ? callFrame({ ...writeCall(block, request) }) : "";
  };
  const writeLast = (): string =>
    (annotations.length ? frame({ annotations }) : "") +
    (audio ? frame({ audio: writeAudio(audio, text, context) }) : "");

  return (event, logprobs) => {
    switch (event.type) {
      case "start":
      case "block-citation":
        return "";
      case "block-start":
        return begin(event.block) + startBlock(event.block);
      case "block-delta":
        return growBlock(event.block, event.delta, logprobs);
      case "block-stop":
        return stopBlock(event.block);
      case "logprobs":
        return begin() + frame({}, JSON.stringify(toChatLogprobs(event.logprobs)));
      case "finish": {
        const reason = legacy && calls > 0 ? "function_call" : toWireReason(event.reason);
        const end = place ? "" : writeStreamEnd(base, event.usage, withUsage);
        return `${begin()}${writeLast()}${frame({}, undefined, reason)}${end}`;
      }
      case "error":
        // No [DONE]: the answer is not whole.
        return writeSse(JSON.stringify(toWireError(event.error)));
      default:
        return event satisfies never;
    }
  };
}
