import type { FinishReason } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import type { WireStopDetails, WireStopReason } from "./wire.ts";

/** `called`: the answer holds tool calls, which decide where the provider says just that it stopped, or contradicts. */
export function toFinishReason(reason: unknown, called: boolean): FinishReason {
  const known = typeof reason === "string" ? TO_UNIFIED.get(reason) : undefined;
  if (known === undefined || known === "stop" || known === "tool-calls") {
    return called ? "tool-calls" : "stop";
  }
  return known;
}

/** Whether Claude says more with it than the unified reason does. */
export const isLossyReason = (reason: unknown): reason is WireStopReason =>
  reason === "model_context_window_exceeded" || reason === "compaction";

export interface Ending {
  reason: FinishReason;
  stopSequence?: string;
  called: boolean;
  refused: boolean;
  /** What the provider's message said beside its content, if it was Claude's. */
  own: Json;
}

export function toStopReason({ reason, stopSequence, called, refused, own }: Ending): WireStopReason {
  if (isLossyReason(own.stop_reason) && toFinishReason(own.stop_reason, called) === reason)
    return own.stop_reason;
  switch (reason) {
    case "stop":
      if (called) return "tool_use";
      if (refused) return "refusal";
      return stopSequence === undefined ? "end_turn" : "stop_sequence";
    case "tool-calls":
      return "tool_use";
    case "length":
      return "max_tokens";
    case "content-filter":
      return "refusal";
    case "pause":
      return "pause_turn";
    default:
      return reason satisfies never;
  }
}

/** Newer SDKs read it beside every stop reason. Why a provider refused stands in the text. */
export function toStopDetails(reason: WireStopReason, own: Json): WireStopDetails | null {
  if (reason !== "refusal") return null;
  const details = isObject(own.stop_details) ? own.stop_details : { category: null };
  return { ...details, type: "refusal", category: toText(details.category), explanation: null };
}

const toText = (value: unknown): string | null => (typeof value === "string" ? value : null);

const TO_UNIFIED = new Map<string, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool-calls"],
  ["pause_turn", "pause"],
  ["compaction", "pause"],
  ["refusal", "content-filter"],
]);
