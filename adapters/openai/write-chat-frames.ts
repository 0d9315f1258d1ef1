import { writeSse } from "../sse.ts";
import { toWireReason } from "./finish-reason.ts";
import { toWireUsage } from "./usage.ts";
import { isCustom, wantsFunctionCall, writeCall } from "./write-call.ts";
import { toWireError } from "./write-error.ts";
import { writeImage } from "./write-response.ts";
import { wantsUsage, type FrameWriter } from "./frame-writer.ts";
import type { Block } from "../blocks.ts";
import type { WriteContext } from "../adapter.ts";

/**
 * `chat.completion.chunk` frames. The role comes alone in the first delta, with the first thing the model says: until
 * then an error can still become an HTTP status. Calls come one after another, each with its index in every delta.
 */
export function createChatFrames(context: WriteContext): FrameWriter {
  const { request } = context;
  const legacy = wantsFunctionCall(request);
  const withUsage = wantsUsage(context);
  const base = {
    id: `chatcmpl-${context.id}`,
    object: "chat.completion.chunk",
    created: Math.floor(context.createdAt / 1000),
    model: request.model,
  };
  // All chunks are alike up to the delta, and a stream has thousands.
  const head = `${JSON.stringify(base).slice(0, -1)},"choices":[{"index":0,"delta":`;
  const tail = `}]${withUsage ? ',"usage":null' : ""}}`;
  let begun = false;
  let calls = 0;
  let custom = false;
  let images = 0;

  const frame = (delta: unknown, logprobs?: unknown[], reason?: string): string => {
    const probabilities = logprobs ? JSON.stringify({ content: logprobs, refusal: null }) : "null";
    const finish = reason === undefined ? "null" : `"${reason}"`;
    return writeSse(
      `${head}${JSON.stringify(delta)},"logprobs":${probabilities},"finish_reason":${finish}${tail}`,
    );
  };
  const begin = (first?: Block): string => {
    if (begun) return "";
    begun = true;
    // As in a whole answer: null where calls or a refusal stand in place of text.
    const isText = first?.kind !== "tool-call" && first?.kind !== "refusal";
    return frame({ role: "assistant", content: isText ? "" : null });
  };
  const callFrame = (fields: Record<string, unknown>): string =>
    frame({ tool_calls: [{ index: calls - 1, ...fields }] });

  const startBlock = (block: Block): string => {
    if (block.kind === "media") return frame({ images: [writeImage(block.media, images++)] });
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
    switch (block.kind) {
      case "text":
        return frame({ content: delta }, logprobs);
      case "thinking":
        return frame({ reasoning_content: delta }, logprobs);
      case "refusal":
        return frame({ refusal: delta }, logprobs);
      case "tool-call": {
        if (custom) return logprobs ? frame({}, logprobs) : "";
        if (!legacy)
          return frame({ tool_calls: [{ index: calls - 1, function: { arguments: delta } }] }, logprobs);
        return calls === 1 ? frame({ function_call: { arguments: delta } }, logprobs) : "";
      }
      case "media":
        return "";
      default:
        return block satisfies never;
    }
  };
  const stopBlock = (block: Block): string =>
    block.kind === "tool-call" && custom ? callFrame({ ...writeCall(block, request) }) : "";

  return (event, logprobs) => {
    switch (event.type) {
      case "start":
        return "";
      case "block-start":
        return begin(event.block) + startBlock(event.block);
      case "block-delta":
        return growBlock(event.block, event.delta, logprobs);
      case "block-stop":
        return stopBlock(event.block);
      case "logprobs":
        return begin() + frame({}, event.logprobs);
      case "finish": {
        const reason = legacy && calls > 0 ? "function_call" : toWireReason(event.reason);
        const usage = withUsage
          ? writeSse(JSON.stringify({ ...base, choices: [], usage: toWireUsage(event.usage) }))
          : "";
        return `${begin()}${frame({}, undefined, reason)}${usage}${writeSse("[DONE]")}`;
      }
      case "error":
        // No [DONE]: the answer is not whole.
        return writeSse(JSON.stringify(toWireError(event.error)));
      default:
        return event satisfies never;
    }
  };
}
