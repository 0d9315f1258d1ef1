import type { ServerResponse } from "node:http";

/** The body of a streamed answer on its way to the client. */
export interface JoinedWrites {
  /** Returns false when the client reads slower than it is written to. */
  write: (text: string) => boolean;
  /** What is left, and the end. */
  end: (text: string) => void;
}

/**
 * Makes one write of all that is written before the event loop goes on: what one read from a provider brought in many
 * chunks. Node sends nothing earlier either, but frames each write on its own.
 */
export function createJoinedWrites(res: ServerResponse): JoinedWrites {
  let held = "";
  const flush = (): boolean => {
    const text = held;
    held = "";
    return text === "" || res.destroyed || res.writableEnded || res.write(text);
  };
  return {
    write(text) {
      if (held === "") process.nextTick(flush);
      held += text;
      return (held.length < LONGEST && !res.writableNeedDrain) || flush();
    },
    end(text) {
      const last = held + text;
      held = "";
      if (!res.destroyed) res.end(last);
    },
  };
}

/** Characters: more is not held even for so short a time. */
const LONGEST = 64 * 1024;
