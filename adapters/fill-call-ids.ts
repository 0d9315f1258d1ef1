import type { EventStage } from "./sequence-calls.ts";
import type { StreamEvent } from "./unified.ts";

/**
 * Gives every call of an answer an id, where the provider gave none or gave one twice. `newId` returns random
 * letters and digits.
 */
export function fillCallIds(newId: () => string): EventStage {
  let seen: Set<string> | undefined;
  const fill = (event: StreamEvent): StreamEvent => {
    if (event.type !== "tool-start") return event;
    seen ??= new Set();
    const id = event.id && !seen.has(event.id) ? event.id : `call_${newId()}`;
    seen.add(id);
    return id === event.id ? event : { ...event, id };
  };
  return {
    push: (events) => (events.some(isCall) ? events.map(fill) : events),
    end: () => [],
  };
}

const isCall = ({ type }: StreamEvent): boolean => type === "tool-start";
