/**
 * Whole lines of bytes that arrive in chunks cut anywhere: gives what ends in a line end and keeps the rest. Copies
 * nothing where chunks end with their lines, and is linear also for lines far longer than a chunk.
 */
export function createByteLines() {
  let open: Buffer[] = [];
  let pending = 0;
  const keep = (part: Buffer): void => {
    open.push(part);
    pending += part.length;
  };
  const join = (tail: Buffer): Buffer => {
    if (open.length === 0) return tail;
    open.push(tail);
    const all = Buffer.concat(open);
    open = [];
    pending = 0;
    return all;
  };
  return {
    push(chunk: Buffer): Buffer {
      const end = chunk.lastIndexOf(LF) + 1;
      if (end === 0) {
        keep(chunk);
        return NOTHING;
      }
      const lines = join(end === chunk.length ? chunk : chunk.subarray(0, end));
      if (end < chunk.length) keep(chunk.subarray(end));
      return lines;
    },
    /** The line that was left without its end. */
    end: (): Buffer => join(NOTHING),
    /** Bytes of the line that is still open. */
    pending: (): number => pending,
  };
}

const NOTHING = Buffer.alloc(0);
const LF = 10;
