import { createByteLines } from "./byte-lines.ts";

/** How a stream's pieces are told apart: by blank lines, or every line is one. */
export type Framing = "sse" | "ndjson";

/**
 * Whole events of bytes that arrive in chunks cut anywhere: an event of which half is there is kept, so that nothing
 * else is ever sent in the middle of one.
 */
export function createByteEvents(framing: Framing) {
  const lines = createByteLines();
  // Whole lines of an event whose end did not come yet.
  let open: Buffer[] = [];
  let size = 0;
  const join = (tail: Buffer): Buffer => {
    if (open.length === 0) return tail;
    const all = Buffer.concat([...open, tail]);
    open = [];
    size = 0;
    return all;
  };
  return {
    push(chunk: Buffer): Buffer {
      const whole = lines.push(chunk);
      if (framing === "ndjson") return whole;
      const end = findLastEnd(whole);
      if (end < whole.length) {
        const events = end === 0 ? NOTHING : join(whole.subarray(0, end));
        open.push(whole.subarray(end));
        size += whole.length - end;
        return events;
      }
      return end === 0 ? NOTHING : join(whole);
    },
    /** What was left without its end. */
    end: (): Buffer => join(lines.end()),
    /** Bytes that are kept. */
    pending: (): number => size + lines.pending(),
  };
}

/** Where the event that begins at `from` ends; the length of `events` where that is the last. */
export function findEventEnd(events: string, from: number, framing: Framing): number {
  for (let at = events.indexOf("\n", from); at !== -1; at = events.indexOf("\n", at + 1)) {
    if (framing === "ndjson") return at + 1;
    const next = events.charCodeAt(at + 1);
    if (next === LF) return at + 2;
    if (next === CR && events.charCodeAt(at + 2) === LF) return at + 3;
  }
  return events.length;
}

/** The end of the last blank line of whole lines; 0: there is none. */
function findLastEnd(lines: Buffer): number {
  for (let at = lines.length - 1; at >= 0; at = at === 0 ? -1 : lines.lastIndexOf(LF, at - 1)) {
    const isBlank =
      at === 0 || lines[at - 1] === LF || (lines[at - 1] === CR && (at === 1 || lines[at - 2] === LF));
    if (isBlank) return at + 1;
  }
  return 0;
}

const NOTHING = Buffer.alloc(0);
const LF = 10;
const CR = 13;
