import type { TextFrames } from "./text-frames.ts";
import type { StreamEvent } from "./unified.ts";
import type { Json } from "./validate.ts";

export interface SkimOptions {
  texts: TextFrames;
  /** What a frame ends with. */
  close: string;
  /** No frame is open. */
  isBetween: () => boolean;
  /** The answer has ended: what follows is not looked at. */
  isOver: () => boolean;
  /** Reads a frame, or what there is of it. */
  read: (wire: string, out: StreamEvent[]) => void;
  /** Does what `read` does with a frame like `sample` that holds this text; returns false where it cannot. */
  takeText: (text: string, sample: Json, out: StreamEvent[]) => boolean;
}

/** Reads a stream frame by frame: by a glance those that hold a text alone, all others whole. */
export function createSkimmer(options: SkimOptions): (wire: string) => StreamEvent[] {
  const { texts, close, isBetween, isOver, read, takeText } = options;
  const readOne = (wire: string, out: StreamEvent[]): void => {
    const before = out.length;
    const isWhole = isBetween();
    read(wire, out);
    if (isWhole && out.length === before + 1 && TEXTS.has(out[before]?.type)) texts.learn(wire);
  };
  return (wire) => {
    const out: StreamEvent[] = [];
    const onText = (text: string, sample: Json): boolean => takeText(text, sample, out);
    for (let at = 0; at < wire.length && !isOver();) {
      if (isBetween()) at = texts.take(wire, at, onText);
      if (at === wire.length) break;
      const end = wire.indexOf(close, at);
      const next = end === -1 ? wire.length : end + close.length;
      readOne(wire.slice(at, next), out);
      at = next;
    }
    return out;
  };
}

const TEXTS: ReadonlySet<string | undefined> = new Set(["text-delta", "thinking-delta"]);
