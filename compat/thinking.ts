import type { EventStage } from "../adapters/sequence-calls.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { beginsInThinking, mayTell } from "./begins-in-thinking.ts";
import { gatherText } from "./gather-text.ts";
import { CALL_BEGINS, ENDS, FRAMES, OPENED, SPECIAL, TAGS, type Tags } from "./thinking-tags.ts";

export interface ThinkingOptions {
  /** What the model's family writes around its thinking besides. */
  tags?: readonly Tags[];
  /** The model's template opens the thinking: the answer begins inside of it. */
  opened?: boolean;
  /** Its template may have: a closing tag among the answer's first characters says that it has. They wait for it. */
  maybeOpened?: boolean;
  /** Thinking that nobody closed ended in a call, which was given on as text. */
  onCall?: () => void;
}

/** How much of an answer waits for a closing tag that may still come. */
const HOLD = 500;

export interface ThinkingStage extends EventStage {
  /** Text waits for what tells it from thinking. */
  waits: () => boolean;
  /** Takes what waits for text. */
  relent: () => StreamEvent[];
}

/**
 * Splits thinking in tags from the text. An opening tag counts at the beginning of the answer; what is between goes
 * out as thinking at once, but for what may become the closing tag. Blanks around the tags are layout. Thinking that
 * never closes may end in a call, which is given on as text for the stages behind.
 */
export function createThinkingStage(options: ThinkingOptions = {}): ThinkingStage {
  const known = options.tags ? [...TAGS, ...options.tags] : TAGS;
  /** What counts in the answer's text: tokens, and the closing tag of what stands around it. */
  let marks: readonly string[] = SPECIAL;
  let held = "";
  let opened = options.opened === true;
  let assumed = opened;
  let open: Tags | undefined = opened ? OPENED : undefined;
  let undecided = options.maybeOpened === true;
  /** Something in the text could tell whether it is thinking. */
  let signed = options.tags !== undefined;
  let begun = false;
  let blank = "";
  let afterThinking = false;
  /** The thinking so far, until it is closed. */
  const unclosed = gatherText();
  let said = false;

  const scan = (ended: boolean, out: StreamEvent[]): void => {
    for (;;) {
      if (held === "") return;
      if (undecided && !decide(ended)) return;
      if (open ? scanThinking(open, ended, out) : scanText(ended, out)) continue;
      return;
    }
  };
  /** Whether the answer begins inside of thinking; false as long as that cannot be told. */
  const decide = (ended: boolean): boolean => {
    if (!signed && !ended && held.length < HOLD) return false;
    const begins = signed ? beginsInThinking(held.slice(0, HOLD), known) : undefined;
    if (begins === undefined && !ended && held.length < HOLD) return false;
    if (begins) open = OPENED;
    undecided = false;
    return true;
  };
  const scanThinking = (tags: Tags, ended: boolean, out: StreamEvent[]): boolean => {
    if (assumed && !begun) {
      const solid = held.trimStart();
      if (!ended && (solid === "" || "<think>".startsWith(solid))) return false;
      if (solid.startsWith("<think>")) held = solid.slice(7);
      begun = true;
      if (held === "") return false;
    }
    const found = findFirst(held, ENDS.get(tags) ?? tags.close, ended);
    think(held.slice(0, found.at), out);
    const mark = found.mark;
    held = held.slice(found.at);
    if (mark === undefined) return false;
    if (tags.close.includes(mark)) held = held.slice(mark.length);
    open = undefined;
    assumed = false;
    blank = "";
    unclosed.clear();
    said = false;
    afterThinking = true;
    begun = false;
    return true;
  };
  const think = (text: string, out: StreamEvent[]): void => {
    if (text === "") return;
    const whole = blank + text;
    const solid = whole.trimEnd();
    blank = whole.slice(solid.length);
    const words = said ? solid : solid.trimStart();
    if (words === "") {
      if (!said) blank = "";
      return;
    }
    said = true;
    unclosed.push(words);
    out.push({ type: "thinking-delta", text: words });
  };
  const scanText = (ended: boolean, out: StreamEvent[]): boolean => {
    if (!begun) {
      const solid = held.trimStart();
      if (solid === "") {
        // Blanks without end are no reason to hold them back.
        if (!ended && held.length < 1000) return false;
        if (!afterThinking) out.push({ type: "text-delta", text: held });
        held = "";
        return false;
      }
      const tags = known.find((candidate) => solid.startsWith(candidate.open));
      if (!tags && !ended && known.some((candidate) => candidate.open.startsWith(solid))) return false;
      if (
        tags &&
        (ended || !known.some((other) => other.open.length > solid.length && other.open.startsWith(solid)))
      ) {
        held = solid.slice(tags.open.length);
        open = tags;
        return true;
      }
      if (tags) return false;
      if (afterThinking) {
        held = solid;
        if (!ended && FRAMES.some(({ open: tag }) => tag !== solid && tag.startsWith(solid))) return false;
        const frame = FRAMES.find(({ open: tag }) => solid.startsWith(tag));
        if (frame) {
          held = solid.slice(frame.open.length);
          marks = [...SPECIAL, frame.close];
        }
      }
      begun = true;
    }
    const found = findFirst(held, marks, ended);
    if (found.at > 0) out.push({ type: "text-delta", text: held.slice(0, found.at) });
    held = held.slice(found.at);
    if (found.mark === undefined) return false;
    held = held.slice(found.mark.length);
    open = TAGS.find((tags) => tags.open === found.mark);
    if (!open) marks = SPECIAL;
    return true;
  };
  const finish = (out: StreamEvent[]): void => {
    scan(true, out);
    const text = open ? (assumed ? unclosed.text() : callAtEnd(unclosed.text())) : "";
    if (text !== "") out.push({ type: "text-delta", text });
    if (text !== "" && !assumed) options.onCall?.();
    open = opened ? OPENED : undefined;
    assumed = opened;
    undecided = options.maybeOpened === true;
    signed = options.tags !== undefined;
    marks = SPECIAL;
    unclosed.clear();
    said = false;
    begun = false;
    afterThinking = false;
    blank = "";
  };
  /** Text that can be nothing else. */
  const passes = (text: string): boolean =>
    begun &&
    !open &&
    held === "" &&
    (nextMark(text, 0) === text.length || findFirst(text, marks, false).at === text.length);
  /** Thinking that can be nothing else. */
  const goesOn = (text: string): boolean =>
    open !== undefined && said && held === "" && nextMark(text, 0) === text.length;
  const take = (event: StreamEvent, out: StreamEvent[]): void => {
    if (event.type === "text-delta") {
      if (goesOn(event.text)) return think(event.text, out);
      held += event.text;
      if (undecided) signed ||= mayTell(event.text);
      return scan(false, out);
    }
    if (undecided && event.type !== "start") {
      // A provider that splits the thinking off itself leaves nothing to wait for.
      undecided = event.type === "finish";
      scan(event.type === "finish", out);
    }
    // A provider that splits the thinking off itself leaves nothing to assume.
    if (event.type === "thinking-delta" && assumed && held === "" && !said) {
      opened = false;
      assumed = false;
      open = undefined;
    }
    if (event.type === "finish") finish(out);
    out.push(event);
  };
  return {
    push(events) {
      let out: StreamEvent[] | undefined;
      for (let at = 0; at < events.length; at++) {
        const event = events[at] as StreamEvent;
        if (event.type === "text-delta" && passes(event.text)) out?.push(event);
        else take(event, (out ??= events.slice(0, at)));
      }
      return out ?? events;
    },
    end() {
      const out: StreamEvent[] = [];
      scan(true, out);
      return out;
    },
    waits: () => undecided && held !== "",
    relent() {
      const out: StreamEvent[] = [];
      undecided = false;
      scan(false, out);
      return out;
    },
  };
}

/** The last call in thinking that nobody closed, if the thinking ends with it; "" otherwise. */
function callAtEnd(text: string): string {
  const at = Math.max(...CALL_BEGINS.map((mark) => text.lastIndexOf(mark)));
  const tail = at === -1 ? "" : text.slice(at);
  return /(?:\}|\]|>)\s*$/.test(tail.slice(-80)) ? tail : "";
}

/** The first mark in a text, or the place from which on one may still come. */
function findFirst(text: string, marks: readonly string[], ended: boolean): { at: number; mark?: string } {
  for (let at = nextMark(text, 0); at < text.length; at = nextMark(text, at + 1)) {
    const second = text[at + 1];
    let whole: string | undefined;
    for (const mark of marks) {
      if (second !== undefined && mark[1] !== second) continue;
      if (text.startsWith(mark, at)) {
        if (whole === undefined || mark.length > whole.length) whole = mark;
      } else if (!ended && text.length - at < mark.length && mark.startsWith(text.slice(at))) return { at };
    }
    if (whole !== undefined) return { at, mark: whole };
  }
  return { at: text.length };
}

/** The next character a mark may begin with. */
function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === ANGLE || code === SQUARE) return at;
  }
  return text.length;
}

const ANGLE = 60;
const SQUARE = 91;
