import type { StreamWriter, WriteContext } from "../adapter.ts";
import { createBlocks, type Block, type BlockEvent } from "../blocks.ts";
import { writeGoNdjson } from "../go-encode.ts";
import {
  createTextLines,
  writeCall,
  writeChunk,
  writeMedia,
  writeMetrics,
  type Chunk,
} from "./write-chunk.ts";
import { writeContextOf } from "./write-context.ts";
import { writeLogprobs } from "./write-logprobs.ts";
import { toErrorText } from "./write-error.ts";

/**
 * NDJSON: a line per piece of text or thinking, one per whole tool call, and a last one with `done: true` and the
 * counts. An error is a line of its own after which nothing comes, no `done` either.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const blocks = createBlocks({ textless: true });
  const textLine = createTextLines(context);
  const isGenerate = context.call.variant === "generate";
  let calls = 0;
  let firstAt: number | undefined;
  let response = "";

  const toBlockChunk = (block: Block): Chunk | undefined => {
    if (block.kind === "tool-call") return { toolCalls: [writeCall(block, calls++, context)] };
    return block.kind === "media" ? writeMedia(block.media) : undefined;
  };
  const toChunk = (event: BlockEvent): Chunk | undefined => {
    switch (event.type) {
      case "start":
      case "block-start":
      case "error":
      // A line has no place for citations.
      case "block-citation":
        return undefined;
      case "block-delta":
        if (event.block.kind === "tool-call") return undefined;
        return event.block.kind === "thinking" ? { thinking: event.delta } : { content: event.delta };
      case "block-stop":
        return toBlockChunk(event.block);
      case "logprobs":
        return { logprobs: writeLogprobs(event.logprobs) };
      case "finish": {
        const times = { createdAt: context.createdAt, firstAt, endedAt: context.now() };
        const metrics = writeMetrics(event.usage, times);
        return { end: { reason: event.reason, metrics, generateContext: writeContextOf(response, context) } };
      }
      default:
        return event satisfies never;
    }
  };
  const write = (events: BlockEvent[]): string => {
    const chunks: Chunk[] = [];
    let failure = "";
    for (const event of events) {
      if (event.type === "error") failure = writeGoNdjson({ error: toErrorText(event.error, context.call) });
      const chunk = toChunk(event);
      const last = chunks.at(-1);
      // Probabilities belong to the line of their text, which comes just before them.
      if (chunk?.logprobs && last?.content !== undefined && !last.logprobs) last.logprobs = chunk.logprobs;
      else if (chunk) chunks.push(chunk);
    }
    if (chunks.length && firstAt === undefined) firstAt = context.now();
    if (isGenerate) for (const chunk of chunks) response += chunk.content ?? "";
    let lines = "";
    for (const chunk of chunks) lines += writeLine(chunk);
    return lines + failure;
  };
  const writeLine = (chunk: Chunk): string =>
    isGenerate || !isText(chunk) ? writeGoNdjson(writeChunk(chunk, context)) : textLine(chunk.content);
  return { push: (events) => write(blocks.push(events)), end: () => write(blocks.end()) };
}

/** A piece of text and nothing beside it. */
function isText(chunk: Chunk): chunk is Chunk & { content: string } {
  for (const field in chunk) if (field !== "content") return false;
  return chunk.content !== undefined;
}
