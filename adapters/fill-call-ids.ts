import type { EventStage } from "./sequence-calls.ts";

/**
 * Gives every call of an answer an id, where the provider gave none or gave one twice. `newId` returns random
 * letters and digits.
 */
export function fillCallIds(newId: () => string): EventStage {
  const seen = new Set<string>();
  return {
    push: (events) =>
      events.map((event) => {
        if (event.type !== "tool-start") return event;
        const id = event.id && !seen.has(event.id) ? event.id : `call_${newId()}`;
        seen.add(id);
        return id === event.id ? event : { ...event, id };
      }),
    end: () => [],
  };
}
