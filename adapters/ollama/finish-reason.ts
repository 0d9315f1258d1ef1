import type { FinishReason } from "../unified.ts";

/** Tool calls still end with `stop`: there is no reason of their own. */
export const toDoneReason = (reason: FinishReason): "stop" | "length" =>
  reason === "length" ? "length" : "stop";

/** `load`, `unload` and an absent reason count as `stop`. */
export function toFinishReason(doneReason: unknown, calledTools: boolean): FinishReason {
  if (doneReason === "length") return "length";
  return calledTools ? "tool-calls" : "stop";
}
