import type { StreamEvent } from "./unified.ts";

/** Splits the thoughts that a model wrote in tags at the beginning of its text from the rest. */
export interface ThinkTagSplitter {
  push: (text: string) => StreamEvent[];
  /** Gives what was held back, because something else follows or the answer ends. */
  flush: () => StreamEvent[];
}

/**
 * `<think>…</think>` at the beginning of an answer, cut anywhere → thinking, the rest → text. Blanks around the tags
 * are layout. A tag further on is the model's talk about tags, and a closing tag that nothing opened is left as it
 * is: what stands before it cannot be told from an answer. Thoughts that nobody closed are thoughts to the end.
 */
export function createThinkTagSplitter(): ThinkTagSplitter {
  let place: "start" | "thinking" | "after" | "text" = "start";
  let held = "";
  let thought = false;

  const think = (text: string, out: StreamEvent[]): void => {
    const said = thought ? text : text.trimStart();
    if (said === "") return;
    thought = true;
    out.push({ type: "thinking-delta", text: said });
  };
  const tell = (text: string, out: StreamEvent[]): void => {
    if (text !== "") out.push({ type: "text-delta", text });
    held = "";
    place = "text";
  };
  const takeStart = (out: StreamEvent[]): void => {
    const solid = held.trimStart();
    if (solid.startsWith(OPEN)) {
      held = solid.slice(OPEN.length);
      place = "thinking";
    } else if (!OPEN.startsWith(solid) || held.length > MAX_BLANK) tell(held, out);
  };
  const takeThinking = (out: StreamEvent[]): void => {
    const at = held.indexOf(CLOSE);
    if (at !== -1) {
      think(held.slice(0, at).trimEnd(), out);
      held = held.slice(at + CLOSE.length);
      place = "after";
      return;
    }
    // Blanks in front of what may become the closing tag belong to it.
    const sure = held.length - partialTail(held);
    const solid = held.slice(0, sure).trimEnd().length;
    const end = sure - solid > MAX_BLANK ? sure : solid;
    think(held.slice(0, end), out);
    held = held.slice(end);
  };
  const takeAfter = (out: StreamEvent[]): void => {
    const solid = held.trimStart();
    if (solid !== "") tell(solid, out);
    else held = "";
  };
  return {
    push(text) {
      if (place === "text") return text === "" ? [] : [{ type: "text-delta", text }];
      const out: StreamEvent[] = [];
      held += text;
      if (place === "start") takeStart(out);
      if (place === "thinking") takeThinking(out);
      if (place === "after") takeAfter(out);
      return out;
    },
    flush() {
      const out: StreamEvent[] = [];
      if (place === "start" && held !== "") tell(held, out);
      if (place === "thinking") think(held.trimEnd(), out);
      held = "";
      return out;
    },
  };
}

/** How much of the end may be the beginning of the closing tag. */
function partialTail(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(CLOSE.slice(0, length))) return length;
  }
  return 0;
}

const OPEN = "<think>";
const CLOSE = "</think>";
/** So many blanks are no layout any more, and need not be looked at again and again. */
const MAX_BLANK = 256;
