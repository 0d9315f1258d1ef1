import type { EventStage } from "../adapters/sequence-calls.ts";
import type { StreamEvent } from "../adapters/unified.ts";

/**
 * What the text that has come so far waits for. "little": most likely for what ends with `>`, or for something else;
 * "closer": for what ends with `>`; "end": for nothing before the answer's end.
 */
export type WaitsFor = "nothing" | "little" | "closer" | "end";

/** How long a text may get that waits. */
const LIMITS: Record<WaitsFor, number> = { nothing: 0, little: 256, closer: 4096, end: 8192 };
const NOTHING: StreamEvent[] = [];

/**
 * Lets pieces wait of which nothing can come yet, and gives them on as one: what each piece costs is paid once for
 * many. Far inside of a call that is nearly every piece.
 */
export function holdPieces(stage: EventStage, waitsFor: () => WaitsFor): EventStage {
  let state: WaitsFor = "nothing";
  let held = "";

  const pass = (events: StreamEvent[]): StreamEvent[] => {
    const out = stage.push(events);
    state = waitsFor();
    return out;
  };
  const release = (): StreamEvent[] => {
    if (held === "") return NOTHING;
    const text = held;
    held = "";
    return pass([{ type: "text-delta", text }]);
  };
  return {
    push(events) {
      if (state === "nothing") return pass(events);
      const event = events[0];
      if (events.length !== 1 || event?.type !== "text-delta") {
        const before = release();
        return before.length ? [...before, ...pass(events)] : pass(events);
      }
      held += event.text;
      const full = held.length > LIMITS[state] || (state !== "end" && event.text.includes(">"));
      return full ? release() : NOTHING;
    },
    end() {
      const before = release();
      return [...before, ...stage.end()];
    },
  };
}
