import type { StreamEvent } from "./unified.ts";

export interface EventStage {
  push: (events: StreamEvent[]) => StreamEvent[];
  end: () => StreamEvent[];
}

export interface CallSequence extends EventStage {
  /** No call is open or waits: what is no call goes through as it is. */
  isIdle: () => boolean;
}

/**
 * Brings interleaved tool calls one after another, for protocols that can have only one block open. The first open
 * call streams on; what belongs to others waits until its JSON is complete. Also closes every call with at least `{}`.
 * After this stage a `tool-start` is followed by all of its own deltas, then by something else.
 */
export function sequenceCalls(): CallSequence {
  let open: Call | undefined;
  // What waits for the open call, in its order; `next` is the first that still does.
  let waiting: (Call | OtherEvent)[] = [];
  let next = 0;
  const waitingCalls = new Map<number, Call>();

  const isIdle = (): boolean => open === undefined && next === waiting.length;
  const take = (event: StreamEvent, out: StreamEvent[]): void => {
    if (event.type === "tool-delta") return grow(event, out);
    if (event.type === "finish" || event.type === "error") {
      closeAll(out);
      out.push(event);
      return;
    }
    if (next === waiting.length && open?.json.complete()) open = undefined;
    const item =
      event.type === "tool-start" ? { start: event, deltas: [], json: createJsonProgress() } : event;
    if (open === undefined) return pass(item, out);
    waiting.push(item);
    if ("json" in item) waitingCalls.set(item.start.index, item);
  };
  const grow = (delta: ToolDelta, out: StreamEvent[]): void => {
    const call = waitingCalls.get(delta.index) ?? (open?.start.index === delta.index ? open : undefined);
    // A delta of a call that never started, or that came after its JSON was complete: nothing a client could use.
    if (!call) return;
    call.json.push(delta.json);
    if (call === open) out.push(delta);
    else call.deltas.push(delta);
    if (call === open && call.json.complete()) release(out);
  };
  const pass = (item: Call | OtherEvent, out: StreamEvent[]): void => {
    open = undefined;
    if (!("json" in item)) {
      out.push(item);
      return;
    }
    open = item;
    out.push(item.start);
    for (const delta of item.deltas) out.push(delta);
    if (waitingCalls.get(item.start.index) === item) waitingCalls.delete(item.start.index);
  };
  /** Lets go what waits, up to and with the first call whose JSON is still open. */
  const release = (out: StreamEvent[]): void => {
    while (next < waiting.length && (open === undefined || open.json.complete())) {
      pass(waiting[next++] as Call | OtherEvent, out);
    }
    if (next < waiting.length) return;
    waiting = [];
    next = 0;
  };
  const closeAll = (out: StreamEvent[]): void => {
    do {
      if (open?.json.empty()) out.push({ type: "tool-delta", index: open.start.index, json: "{}" });
      open = undefined;
      release(out);
    } while (open !== undefined);
  };
  const batch = (work: (out: StreamEvent[]) => void): StreamEvent[] => {
    const out: StreamEvent[] = [];
    work(out);
    return out;
  };
  return {
    push: (events) =>
      isIdle() && !events.some(isCall)
        ? events
        : batch((out) => {
            for (const event of events) take(event, out);
          }),
    end: () => batch(closeAll),
    isIdle,
  };
}

const isCall = ({ type }: StreamEvent): boolean => type === "tool-start" || type === "tool-delta";

type ToolStart = Extract<StreamEvent, { type: "tool-start" }>;
type ToolDelta = Extract<StreamEvent, { type: "tool-delta" }>;
type OtherEvent = Exclude<StreamEvent, ToolStart | ToolDelta>;

interface Call {
  start: ToolStart;
  /** What came while the call waited. */
  deltas: ToolDelta[];
  json: JsonProgress;
}

export interface JsonProgress {
  push: (json: string) => void;
  /** The value that began has ended. */
  complete: () => boolean;
  empty: () => boolean;
}

/** Watches JSON text go by and tells when its one value is complete. Linear, no copies. */
export function createJsonProgress(): JsonProgress {
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
