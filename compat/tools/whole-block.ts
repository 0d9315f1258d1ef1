import type { Block, Verdict } from "./block.ts";

export interface WholeOptions {
  /** Whether a call may begin so; undefined where that cannot be told yet. */
  begins: (head: string) => boolean | undefined;
  /** What all of it, from the mark to the answer's end, is. */
  read: (text: string) => Verdict;
}

/** A block that nothing closes: its first words tell whether there may be a call, and the answer's end what it is. */
export function createWholeBlock(mark: string, { begins, read }: WholeOptions): Block {
  const pieces = [mark];
  let head = mark;
  let checked = false;
  return {
    push(text) {
      pieces.push(text);
      for (let at = 0; at < text.length && !checked; at++) {
        head += text[at];
        const fits = begins(head);
        if (fits === false) return "reject";
        checked = fits === true;
      }
      return undefined;
    },
    waitsFor: () => (checked ? "end" : "little"),
    end: () => (checked ? read(pieces.join("")) : "reject"),
  };
}
