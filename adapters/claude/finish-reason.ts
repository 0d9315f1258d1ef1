import type { FinishReason } from "../unified.ts";
import type { WireStopDetails, WireStopReason } from "./wire.ts";

/** `called`: the answer holds tool calls, which decide where the provider says just that it stopped, or contradicts. */
export function toFinishReason(reason: unknown, called: boolean): FinishReason {
  const known = typeof reason === "string" ? TO_UNIFIED.get(reason) : undefined;
  if (known === undefined || known === "stop" || known === "tool-calls") {
    return called ? "tool-calls" : "stop";
  }
  return known;
}

export interface Ending {
  reason: FinishReason;
  stopSequence?: string;
  called: boolean;
  refused: boolean;
}

export function toStopReason({ reason, stopSequence, called, refused }: Ending): WireStopReason {
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
export const toStopDetails = (reason: WireStopReason): WireStopDetails | null =>
  reason === "refusal" ? { type: "refusal", category: null, explanation: null } : null;

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
