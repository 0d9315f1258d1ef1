import {
  cutsTo,
  fits,
  readText,
  toForm,
  unescapeText,
  type Form,
  type Found,
  type TextFrame,
} from "./text-form.ts";
import type { Json } from "./validate.ts";

/** The texts of one stream, by a glance. */
export interface TextFrames {
  /**
   * Gives the texts of the frames that follow each other in `wire` from `at` on, and returns where they end. `onText`
   * returns false for what it cannot take. `sample`: what a frame like it means, which is not to be changed.
   */
  take: (wire: string, at: number, onText: (text: string, sample: Json) => boolean) => number;
  /** Looks at a frame that was read and held a text: those like it are known from now on. */
  learn: (wire: string) => void;
}

/**
 * Reads events of a stream that differ from one that was read before in their text only, and in what means nothing: of
 * them nothing is made but the text. What was learnt holds for all streams, as it is about wording alone.
 */
export function createTextFrames(kind: TextFrame): () => TextFrames {
  // The one that was of use last comes first.
  const known: Form[] = [];
  return () => {
    let form: Form | undefined;
    // All before the text, as it was in the last frame: what is idle seldom changes within a stream.
    let head = "";
    let patience = PATIENCE;
    const found: Found = { from: 0, to: 0, isPlain: true, end: 0, seam: "", next: -1 };

    const find = (wire: string, at: number): boolean => {
      const index = known.findIndex((other) => other !== form && fits(other, wire, at, found));
      if (index === -1) return false;
      [form] = known.splice(index, 1);
      known.unshift(form as Form);
      return true;
    };
    const look = (wire: string, at: number): boolean => {
      const from = at + head.length;
      const isAlike = form && (found.next === from || cutsTo(wire, at, head));
      if (form && isAlike && readText(form, wire, from, found)) return true;
      found.seam = "";
      if (!(form && fits(form, wire, at, found)) && !find(wire, at)) return false;
      head = wire.slice(at, found.from);
      // Nothing between two texts differs: it can be passed at once.
      if (form && form.text === form.holes.length - 1) found.seam = [form.segments.at(-1), head].join("");
      return true;
    };
    return {
      take(wire, begin, onText) {
        let at = begin;
        found.next = -1;
        while (at < wire.length && look(wire, at) && form) {
          const piece = wire.slice(found.from, found.to);
          const text = found.isPlain ? piece : unescapeText(piece);
          if (text === undefined || text === "" || !onText(text, form.sample)) break;
          at = found.end;
        }
        return at;
      },
      learn(wire) {
        if (patience === 0 || wire.length > LONGEST || look(wire, 0)) return;
        patience--;
        const learnt = toForm(kind, wire);
        if (!learnt) return;
        known.unshift(learnt);
        known.length = Math.min(known.length, MOST_FORMS);
      },
    };
  };
}

/** Frames that are looked at in one stream; if they are all different, nothing is won by it. */
const PATIENCE = 4;
const MOST_FORMS = 8;
/** Characters. */
const LONGEST = 4096;
