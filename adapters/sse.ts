import { createLineSplitter } from "./lines.ts";

/** One server-sent event: its `data:` lines joined by newlines. */
export interface SseEvent {
  event?: string;
  data: string;
}

export interface SseParser {
  push: (text: string) => SseEvent[];
  /** No event is open: what comes next would be read the same way as the first of a stream. */
  isBetween: () => boolean;
  /** The event that a stream without a last blank line left open. */
  end: () => SseEvent[];
}

/**
 * Server-sent events from text cut anywhere: LF, CRLF or CR, `data:` with or without a space, several data lines,
 * comments, a byte-order mark. Linear in its input (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 */
export function createSseParser(): SseParser {
  const lines = createLineSplitter();
  let event: string | undefined;
  let data: string | undefined;

  const dispatch = (events: SseEvent[]): void => {
    if (data !== undefined) events.push(event === undefined ? { data } : { event, data });
    event = undefined;
    data = undefined;
  };
  const take = (line: string, events: SseEvent[]): void => {
    if (line === "") return dispatch(events);
    if (line.startsWith("data:")) {
      const value = line.slice(line.charCodeAt(5) === SPACE ? 6 : 5);
      data = data === undefined ? value : `${data}\n${value}`;
    } else if (line.startsWith("event:")) {
      event = line.slice(line.charCodeAt(6) === SPACE ? 7 : 6);
    } else if (line === "data") {
      data = data === undefined ? "" : `${data}\n`;
    }
    // Comments (":"), id and retry lines carry nothing we relay.
  };
  const takeAll = (all: string[]): SseEvent[] => {
    const events: SseEvent[] = [];
    for (const line of all) take(line, events);
    return events;
  };
  return {
    push: (text) => takeAll(lines.push(text)),
    isBetween: () => data === undefined && event === undefined && lines.isBetween(),
    end: () => {
      const events = takeAll(lines.end());
      dispatch(events);
      return events;
    },
  };
}

/** One event in wire form. `data` must not hold newlines, which JSON text never does. */
export const writeSse = (data: string, event?: string): string =>
  event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;

const SPACE = 32;
