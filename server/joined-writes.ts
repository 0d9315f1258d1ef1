import type { ServerResponse } from "node:http";
import { atTurnEnd } from "./turn.ts";

/** The body of a streamed answer on its way to the client. Its head is written before anything of it. */
export interface JoinedWrites {
  /** Returns false when the client reads slower than it is written to. */
  write: (text: string, letters?: Letters) => boolean;
  /** What is left, and the end. */
  end: (text: string, letters?: Letters) => void;
}

/** What a letter of a text stands for: a character, or (`latin1`) a byte of one. */
export type Letters = "utf8" | "latin1";

/**
 * Makes one write of all that is written in a turn of the event loop: what one read from a provider brought in many
 * chunks. Node joins what comes before it goes on too, but frames each write on its own, and each frame in three pieces.
 * `leaveFrames`: it does so here too, for those who look at what is written.
 */
export function createJoinedWrites(
  res: ServerResponse,
  { leaveFrames = false }: { leaveFrames?: boolean } = {},
): JoinedWrites {
  let held = "";
  let heldAs: Letters = "utf8";
  let isWaiting = false;
  let isEnding = false;
  let isFramed: boolean | undefined;

  const flush = (): boolean => {
    const text = held;
    held = "";
    if (res.destroyed || res.writableEnded) return true;
    if (isEnding) res.end(...toFrame(text, LAST));
    else if (text !== "") return res.write(...toFrame(text));
    return true;
  };
  const turn = (): void => {
    isWaiting = false;
    flush();
  };
  const hold = (text: string, letters: Letters): void => {
    if (letters !== heldAs && held !== "") flush();
    held += text;
    heldAs = letters;
    if (!isWaiting) atTurnEnd(turn);
    isWaiting = true;
  };
  /** In one piece: of a chunked answer the frames are made here. */
  const toFrame = (text: string, last = ""): [string | Buffer, BufferEncoding] => {
    const isFirst = isFramed === undefined;
    isFramed ??= !leaveFrames && takeFraming(res);
    const wrap = (size: number): string => {
      if (!isFramed) return text;
      return size === 0 ? last : `${size.toString(16)}\r\n${text}\r\n${last}`;
    };
    const guess = wrap(text.length);
    if (heldAs === "latin1") return [guess, "latin1"];
    // Most have one byte for each character, and need no conversion. To be counted, a text is copied into one piece,
    // which is what is sent then.
    const more = Buffer.byteLength(guess) - guess.length;
    if (more === 0) return [guess, "latin1"];
    const frame = wrap(text.length + more);
    // Node puts the head before the first write, and would convert it too.
    return [isFirst ? Buffer.from(frame) : frame, "utf8"];
  };
  return {
    write(text, letters = "utf8") {
      if (isEnding) return true;
      hold(text, letters);
      return (held.length < LONGEST && !res.writableNeedDrain) || flush();
    },
    end(text, letters = "utf8") {
      if (isEnding) return;
      hold(text, letters);
      isEnding = true;
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
