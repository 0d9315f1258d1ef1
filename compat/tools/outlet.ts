import type { StreamEvent } from "../../adapters/unified.ts";
import type { SettledCall } from "./settle-call.ts";

export type GoodCall = Extract<SettledCall, { kind: "good" }>;
type OnRepair = (repair: { kind: string; tool?: string; before?: string }) => void;

export interface Outlet {
  /** Calls that went out. */
  count: () => number;
  /** A whole call, once it is certain; `repairs` are those of the block it stood in. */
  call: (call: GoodCall, block: { raw: string; repairs: readonly string[] }, out: StreamEvent[]) => void;
  /** An event of a provider that speaks calls after all: it only gets its place among ours. */
  own: (event: Extract<StreamEvent, { type: "tool-start" | "tool-delta" }>, out: StreamEvent[]) => void;
  /** Another answer begins: its own calls are counted anew. */
  restart: () => void;
}

/** Calls per answer; a model that repeats itself without end is stopped. */
const MAX_CALLS = 128;

/** Gives calls their places, each once, and not more than there may be. */
export function createOutlet({ parallel, onRepair }: { parallel: boolean; onRepair?: OnRepair }): Outlet {
  let sent = 0;
  const places = new Map<number, number | undefined>();
  const isTooMany = (name: string): boolean => {
    if (sent < (parallel ? MAX_CALLS : 1)) return false;
    onRepair?.({ kind: "call too many", tool: name });
    return true;
  };
  return {
    count: () => sent,
    call(call, { raw, repairs }, out) {
      if (isTooMany(call.name)) return;
      for (const kind of new Set([...repairs, ...call.repairs]))
        onRepair?.({ kind, tool: call.name, before: shorten(raw) });
      const index = sent++;
      out.push(
        { type: "tool-start", index, name: call.name },
        { type: "tool-delta", index, json: call.json },
      );
    },
    own(event, out) {
      if (event.type === "tool-start") places.set(event.index, isTooMany(event.name) ? undefined : sent++);
      const index = places.get(event.index);
      if (index !== undefined) out.push({ ...event, index });
    },
    restart: () => places.clear(),
  };
}

/** Enough of a text for the log. */
export const shorten = (text: string): string => (text.length > 2000 ? `${text.slice(0, 2000)}…` : text);
