import { createByteLines } from "./byte-lines.ts";

/**
 * Decodes UTF-8 that arrives in chunks cut anywhere: gives the text up to the last line end and keeps the rest, so
 * that no character is ever split and nothing is decoded twice.
 */
export function createUtf8Lines() {
  const lines = createByteLines();
  return {
    push: (chunk: Buffer): string => lines.push(chunk).toString("utf8"),
    end: (): string => lines.end().toString("utf8"),
    /** Bytes of the line that is still open. */
    pending: lines.pending,
  };
}
