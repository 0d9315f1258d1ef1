import { createTextFrames } from "../text-frames.ts";
import { holdsOnly, isObject } from "../validate.ts";

/** Lines that say a piece of the answer's text and nothing else, once it has begun: what `read-answer` would read. */
export const createTextLines = createTextFrames({
  open: /^/,
  close: "\n",
  place: "message.content",
  idle: new Set(["model", "created_at"]),
  isText: (line) =>
    holdsOnly(line, LINE) && line.done !== true && isObject(line.message) && holdsOnly(line.message, MESSAGE),
});

const LINE: ReadonlySet<string> = new Set(["model", "created_at", "message", "done"]);
const MESSAGE: ReadonlySet<string> = new Set(["role", "content"]);
