import { writeSse } from "../sse.ts";
import { isObject } from "../validate.ts";
import { toWireUsage } from "./usage.ts";
import type { WriteContext } from "../adapter.ts";
import type { BlockEvent } from "../blocks.ts";
import type { Usage } from "../unified.ts";

/** The frames of one event. `logprobs`: those that came right after it and belong to it. */
export type FrameWriter = (event: BlockEvent, logprobs?: unknown[]) => string;

/** Which of several answers the frames are about. Their common end is written by whoever puts them together. */
export interface ChoicePlace {
  index: number;
}

/** The client asked for a last chunk with the usage. */
export function wantsUsage(context: WriteContext): boolean {
  const options = context.request.extra?.openai?.stream_options;
  return isObject(options) && options.include_usage === true;
}

/** The end of a stream: the usage where it was asked for, in a chunk like the others, and `[DONE]`. */
export function writeStreamEnd(head: object, usage: Usage | undefined, withUsage: boolean): string {
  const last = withUsage ? writeSse(JSON.stringify({ ...head, choices: [], usage: toWireUsage(usage) })) : "";
  return last + writeSse("[DONE]");
}
