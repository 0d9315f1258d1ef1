import { createTextFrames } from "../text-frames.ts";
import { holdsOnly, isObject, type Json } from "../validate.ts";

/** Events by which a text grows. They are read like any other, only that nothing of them is parsed. */
export const createTextEvents = createTextFrames({
  open: /^(?:event: ?content_block_delta\n)?data: ?/,
  close: "\n\n",
  place: "delta.text",
  idle: new Set(),
  isText: (event) =>
    event.type === "content_block_delta" &&
    holdsOnly(event, EVENT) &&
    isObject(event.delta) &&
    event.delta.type === "text_delta" &&
    holdsOnly(event.delta, DELTA),
});

/** An event like `sample` with another text. */
export const withText = (sample: Json, text: string): Json => ({
  ...sample,
  delta: { type: "text_delta", text },
});

const EVENT: ReadonlySet<string> = new Set(["type", "index", "delta"]);
const DELTA: ReadonlySet<string> = new Set(["type", "text"]);
