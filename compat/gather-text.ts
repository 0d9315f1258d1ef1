export interface GatheredText {
  push: (text: string) => void;
  text: () => string;
  clear: () => void;
}

/** Keeps a text that comes in many small pieces; joined now and then, so that the pieces do not burden the memory. */
export function gatherText(): GatheredText {
  let whole = "";
  let pieces: string[] = [];
  const join = (): void => {
    whole += pieces.join("");
    pieces = [];
  };
  return {
    push(text) {
      pieces.push(text);
      if (pieces.length >= 32) join();
    },
    text() {
      join();
      return whole;
    },
    clear() {
      whole = "";
      pieces = [];
    },
  };
}
