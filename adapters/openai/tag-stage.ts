import { createThinkTagSplitter } from "../think-tags.ts";
import type { StreamEvent } from "../unified.ts";

/**
 * Splits thoughts in tags from the text. A provider that gave thoughts in a field of their own repeats them in the tags
 * (MiniMax-M3): they are left out.
 */
export function createTagStage(): {
  push: (events: StreamEvent[]) => StreamEvent[];
  flush: () => StreamEvent[];
} {
  const splitter = createThinkTagSplitter();
  let apart = false;
  const keep = (events: StreamEvent[]): StreamEvent[] =>
    apart ? events.filter((event) => event.type !== "thinking-delta") : events;
  return {
    push: (events) =>
      events.flatMap((event) => {
        if (event.type === "thinking-delta") apart = true;
        return event.type === "text-delta" ? keep(splitter.push(event.text)) : [event];
      }),
    flush: () => keep(splitter.flush()),
  };
}
