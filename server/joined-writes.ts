import type { ServerResponse } from "node:http";

/** The body of a streamed answer on its way to the client. Its head is written before anything of it. */
export interface JoinedWrites {
  /**
   * Returns false when the client reads slower than it is written to. `isLast`: only the end is missing, which most
   * often has come already.
   */
  write: (text: string, isLast?: boolean) => boolean;
  /** What is left, and the end. */
  end: (text: string) => void;
}

/**
 * Makes one write of all that is written before the event loop goes on: what one read from a provider brought in many
 * chunks. Node sends nothing earlier either, but frames each write on its own, and each frame in three pieces.
 */
export function createJoinedWrites(res: ServerResponse): JoinedWrites {
  let held = "";
  let isEnding = false;
  let isFramed: boolean | undefined;

  const flush = (): boolean => {
    const text = held;
    held = "";
    isEnding = false;
    if (text === "" || res.destroyed || res.writableEnded) return true;
    return res.write(...toFrame(text));
  };
  /** What is last goes out with the end; if that has not come yet, once all that has come was looked at. */
  const tick = (): void => {
    if (isEnding) setImmediate(flush);
    else flush();
  };
  /** In one piece: of a chunked answer the frames are made here. */
  const toFrame = (text: string, last = ""): [string | Buffer, BufferEncoding] => {
    const isFirst = isFramed === undefined;
    isFramed ??= takeFraming(res);
    const wrap = (size: number): string => {
      if (!isFramed) return text;
      return size === 0 ? last : `${size.toString(16)}\r\n${text}\r\n${last}`;
    };
    // Most have one byte for each character, and need no conversion. To be counted, a text is copied into one piece,
    // which is what is sent then.
    const guess = wrap(text.length);
    const more = Buffer.byteLength(guess) - guess.length;
    if (more === 0) return [guess, "latin1"];
    const frame = wrap(text.length + more);
    // Node puts the head before the first write, and would convert it too.
    return [isFirst ? Buffer.from(frame) : frame, "utf8"];
  };
  return {
    write(text, isLast = false) {
      if (held === "") process.nextTick(tick);
      held += text;
      isEnding ||= isLast;
      return (held.length < LONGEST && !res.writableNeedDrain) || flush();
    },
    end(text) {
      const last = held + text;
      held = "";
      if (!res.destroyed) res.end(...toFrame(last, LAST));
    },
  };
}

/** Whether the answer is chunked; if so, Node leaves the frames to us from here on. */
function takeFraming(res: ServerResponse): boolean {
  const isChunked = res.chunkedEncoding;
  res.chunkedEncoding = false;
  return isChunked;
}

const LAST = "0\r\n\r\n";
/** Characters: more is not held even for so short a time. */
const LONGEST = 64 * 1024;
