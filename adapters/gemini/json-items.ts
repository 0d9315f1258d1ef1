/** The objects of JSON text that is cut anywhere: the items of one array, or objects one after another. */
export interface JsonItems {
  /** The text of every object that is complete now. */
  push: (text: string) => string[];
}

/** Linear: every character is looked at once, and an object's pieces are joined once, at its end. */
export function createJsonItems(): JsonItems {
  let pieces: string[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;

  return {
    push(text) {
      const items: string[] = [];
      let from = 0;
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (depth === 0) {
          // Brackets and commas of the array around, and white space.
          if (code !== BRACE_OPEN) continue;
          depth = 1;
          from = at;
        } else if (escaped) escaped = false;
        else if (inString) {
          if (code === BACKSLASH) escaped = true;
          else if (code === QUOTE) inString = false;
        } else if (code === QUOTE) inString = true;
        else if (code === BRACE_OPEN) depth++;
        else if (code === BRACE_CLOSE && --depth === 0) {
          pieces.push(text.slice(from, at + 1));
          items.push(pieces.join(""));
          pieces = [];
        }
      }
      if (depth > 0) pieces.push(text.slice(from));
      return items;
    },
  };
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;
