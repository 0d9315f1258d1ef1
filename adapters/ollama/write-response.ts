import type { WriteContext } from "../adapter.ts";
import type { UnifiedResult } from "../unified.ts";
import { writeCall, writeChunk, writeMedia, writeMetrics, type Chunk } from "./write-chunk.ts";
import { writeLogprobs } from "./write-logprobs.ts";
import { writeContextOf } from "./write-context.ts";

/** The whole answer as one object: what its stream says, put together. */
export function writeResponse(result: UnifiedResult, context: WriteContext): Record<string, unknown> {
  const all: Chunk = {};
  for (const part of result.content) {
    if (part.type === "text") all.content = (all.content ?? "") + part.text;
    else if (part.type === "thinking" && part.text !== "") all.thinking = (all.thinking ?? "") + part.text;
    else if (part.type === "tool-call") {
      all.toolCalls ??= [];
      all.toolCalls.push(writeCall(part, all.toolCalls.length, context));
    } else if (part.type === "media") {
      const { content, images } = writeMedia(part);
      if (content !== undefined) all.content = (all.content ?? "") + content;
      if (images) all.images = [...(all.images ?? []), ...images];
    }
  }
  if (result.refusal !== undefined) all.content = (all.content ?? "") + result.refusal;
  if (result.logprobs) all.logprobs = writeLogprobs(result.logprobs);
  const metrics = writeMetrics(result.usage, { createdAt: context.createdAt, endedAt: context.now() });
  const generateContext = writeContextOf(all.content ?? "", context);
  return writeChunk({ ...all, end: { reason: result.finishReason, metrics, generateContext } }, context);
}
