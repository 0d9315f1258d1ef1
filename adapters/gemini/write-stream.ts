import type { Call, StreamWriter, WriteContext } from "../adapter.ts";
import { createBlocks, type Block, type BlockEvent, type NativeBlock } from "../blocks.ts";
import type { StreamEvent } from "../unified.ts";
import { isSse } from "./is-sse.ts";
import { writeLogprobs } from "./logprobs.ts";
import { toLast, toResponse, type Around } from "./to-response.ts";
import { writeFirstUsage } from "./usage.ts";
import { PROTOCOL, type WirePart } from "./wire.ts";
import { toErrorBody } from "./write-error.ts";
import { createParts } from "./write-parts.ts";
import { hidesThoughts } from "./write-response.ts";
import { createSourceWriter } from "./write-sources.ts";

/**
 * Every chunk is a whole response with the parts that are new; calls come whole. With `?alt=sse` chunks are events,
 * without they are the items of one JSON array. An error ends it without a finish reason.
 */
export function createStreamWriter(context: WriteContext): StreamWriter {
  const frames = createFrames(context.call);
  const writer = createCandidateWriter(context, 0);
  return {
    push: (events) => frames.items(writer.push(events)),
    end: () => frames.items(writer.end()) + frames.end(),
  };
}

export interface CandidateWriter {
  push: (events: StreamEvent[]) => object[];
  end: () => object[];
}

/** The chunks of one answer; `index` tells several answers to one request apart. */
export function createCandidateWriter(context: WriteContext, index: number): CandidateWriter {
  const { request, newId } = context;
  const ids = { model: request.model, id: context.id, index };
  const blocks = createBlocks({ natives: PROTOCOL });
  const parts = createParts({ hidesThoughts: hidesThoughts(request) });
  const sources = createSourceWriter();
  let before: Around["response"];
  const logprobs: unknown[] = [];
  let unwritten = 0;
  let refusal = "";
  let ended = false;

  const write = (event: BlockEvent | NativeBlock): object[] => {
    switch (event.type) {
      case "start": {
        const usageMetadata = writeFirstUsage(event.usage, request);
        before = usageMetadata && { usageMetadata };
        return [];
      }
      case "block-start":
      case "block-citation":
        return [];
      case "block-delta":
        if (event.block.kind === "thinking") parts.addThought(event.delta);
        else if (event.block.kind === "text") parts.addText(event.delta);
        // Where it belongs is known at the end.
        else if (event.block.kind === "refusal") refusal += event.delta;
        return [];
      case "block-stop":
        endBlock(event.block);
        return [];
      case "block-native":
        parts.addNative(event.native);
        return [];
      case "logprobs":
        for (const token of event.logprobs) logprobs.push(token);
        return [];
      case "finish": {
        ended = true;
        const last = toLast({ ...event, refusal, logprobs }, { parts, sources, request });
        return [chunk(last.parts, last)];
      }
      case "error":
        ended = true;
        return [...flush(), toErrorBody(event.error)];
      default:
        return event satisfies never;
    }
  };
  const endBlock = (block: Block): void => {
    if (block.kind === "text") {
      sources.addText(block.text, block.citations ?? [], parts.endText(block.text));
    } else if (block.kind === "thinking" && block.signature) parts.addSeal(block.signature, block.redacted);
    else if (block.kind === "media") parts.addMedia(block.media);
    else if (block.kind === "tool-call") {
      parts.addCall(block.id === "" ? { ...block, id: `call_${newId()}` } : block);
    }
  };
  const chunk = (taken: WirePart[], { candidate, response }: Around): object => {
    const fresh = logprobs.slice(unwritten);
    const scored = fresh.length ? { logprobsResult: writeLogprobs(fresh) } : {};
    unwritten = logprobs.length;
    return toResponse(taken, ids, {
      ...(candidate && { candidate: { ...scored, ...candidate } }),
      response,
    });
  };
  const flush = (): object[] => {
    const taken = parts.take();
    return taken.length ? [chunk(taken, { candidate: {}, response: before })] : [];
  };
  const writeAll = (events: (BlockEvent | NativeBlock)[]): object[] => {
    const chunks: object[] = [];
    for (const event of events) if (!ended) chunks.push(...write(event));
    return ended ? chunks : [...chunks, ...flush()];
  };
  return { push: (events) => writeAll(blocks.push(events)), end: () => writeAll(blocks.end()) };
}

export interface Frames {
  items: (values: object[]) => string;
  end: () => string;
}

export const createFrames = (call: Call): Frames => (isSse(call) ? SSE_FRAMES : createArrayFrames());

/** Google's servers end their lines so. */
const SSE_FRAMES: Frames = {
  items: (values) => values.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`).join(""),
  end: () => "",
};

function createArrayFrames(): Frames {
  let before = "[";
  let ended = false;
  return {
    items(values) {
      let text = "";
      for (const value of values) {
        text += before + JSON.stringify(value);
        before = ",\r\n";
      }
      return text;
    },
    end() {
      if (ended) return "";
      ended = true;
      return before === "[" ? "[]" : "\r\n]";
    },
  };
}
