import type { StreamEvent } from "./unified.ts";

export interface EventStage {
  push: (events: StreamEvent[]) => StreamEvent[];
  end: () => StreamEvent[];
}

/**
 * Brings interleaved tool calls one after another, for protocols that can have only one block open. The first open
 * call streams on; what belongs to others waits until its JSON is complete. Also closes every call with at least `{}`.
 * After this stage a `tool-start` is followed by all of its own deltas, then by something else.
 */
export function sequenceCalls(): EventStage {
  let open: { index: number; json: JsonProgress } | undefined;
  let waiting: StreamEvent[] = [];

  const take = (event: StreamEvent, out: StreamEvent[]): void => {
    if (open === undefined) {
      pass(event, out);
    } else if (event.type === "tool-delta" && event.index === open.index) {
      out.push(event);
      open.json.push(event.json);
      if (open.json.complete() && waiting.length) release(out);
    } else if (event.type === "finish" || event.type === "error") {
      close(out);
      release(out);
      take(event, out);
    } else if (waiting.length === 0 && open.json.complete()) {
      open = undefined;
      pass(event, out);
    } else {
      waiting.push(event);
    }
  };
  const pass = (event: StreamEvent, out: StreamEvent[]): void => {
    if (event.type === "tool-start") open = { index: event.index, json: createJsonProgress() };
    // A delta of a call that never started, or that came after its JSON was complete: nothing a client could use.
    else if (event.type === "tool-delta") return;
    out.push(event);
  };
  const close = (out: StreamEvent[]): void => {
    if (open && open.json.empty()) out.push({ type: "tool-delta", index: open.index, json: "{}" });
    open = undefined;
  };
  const release = (out: StreamEvent[]): void => {
    open = undefined;
    const events = waiting;
    waiting = [];
    for (const event of events) take(event, out);
  };
  return {
    push(events) {
      const out: StreamEvent[] = [];
      for (const event of events) take(event, out);
      return out;
    },
    end() {
      const out: StreamEvent[] = [];
      for (;;) {
        close(out);
        release(out);
        if (open === undefined) return out;
      }
    },
  };
}

interface JsonProgress {
  push: (json: string) => void;
  /** The value that began has ended. */
  complete: () => boolean;
  empty: () => boolean;
}

/** Watches JSON text go by and tells when its one value is complete. Linear, no copies. */
function createJsonProgress(): JsonProgress {
  let depth = 0;
  let begun = false;
  let inString = false;
  let escaped = false;
  return {
    push(json) {
      for (let at = 0; at < json.length; at++) {
        const code = json.charCodeAt(at);
        if (escaped) escaped = false;
        else if (inString) {
          if (code === BACKSLASH) escaped = true;
          else if (code === QUOTE) inString = false;
        } else if (code === QUOTE) {
          inString = true;
          begun = true;
        } else if (code === BRACE_OPEN || code === BRACKET_OPEN) {
          depth++;
          begun = true;
        } else if (code === BRACE_CLOSE || code === BRACKET_CLOSE) depth--;
        else if (code > 32) begun = true;
      }
    },
    complete: () => begun && depth <= 0 && !inString,
    empty: () => !begun,
  };
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;
