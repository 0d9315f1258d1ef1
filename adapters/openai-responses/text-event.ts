import { createTextFrames } from "../text-frames.ts";
import { holdsOnly, type Json } from "../validate.ts";

/** Events by which a text grows. They are read like any other, only that nothing of them is parsed. */
export const createTextEvents = createTextFrames({
  open: /^(?:event: ?[\w.]+\n)?data: ?/,
  close: "\n\n",
  place: "delta",
  idle: new Set(["sequence_number", "obfuscation"]),
  isText: (event) => event.type === TEXT_DELTA && holdsOnly(event, EVENT) && isEmpty(event.logprobs ?? []),
});

const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 0;

/** An event like `sample` with another text. */
export const withText = (sample: Json, delta: string): Json => ({ ...sample, delta });

export const TEXT_DELTA = "response.output_text.delta";
const EVENT: ReadonlySet<string> = new Set([
  "type",
  "item_id",
  "output_index",
  "content_index",
  "delta",
  "logprobs",
  "sequence_number",
  "obfuscation",
]);
