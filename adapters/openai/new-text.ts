import type { StreamEvent } from "../unified.ts";

/** Takes from each text what came before it, per kind, where a provider sends all text so far every time. */
export function createNewText(kinds: true | "thinking"): (events: StreamEvent[]) => StreamEvent[] {
  const seen = { "text-delta": "", "thinking-delta": "" };
  return (events) =>
    events.flatMap((event): StreamEvent[] => {
      if (event.type !== "text-delta" && event.type !== "thinking-delta") return [event];
      if (kinds === "thinking" && event.type === "text-delta") return [event];
      const before = seen[event.type];
      const text = event.text.startsWith(before) ? event.text.slice(before.length) : event.text;
      seen[event.type] = before + text;
      return text === "" ? [] : [{ type: event.type, text }];
    });
}
