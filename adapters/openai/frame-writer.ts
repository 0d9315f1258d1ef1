import { isObject } from "../validate.ts";
import type { WriteContext } from "../adapter.ts";
import type { BlockEvent } from "../blocks.ts";

/** The frames of one event. `logprobs`: those that came right after it and belong to it. */
export type FrameWriter = (event: BlockEvent, logprobs?: unknown[]) => string;

/** The client asked for a last chunk with the usage. */
export function wantsUsage(context: WriteContext): boolean {
  const options = context.request.extra?.openai?.stream_options;
  return isObject(options) && options.include_usage === true;
}
