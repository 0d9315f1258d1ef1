import type { FinishReason } from "../unified.ts";
import type { WireFinishReason } from "./wire.ts";

/** `called`: the answer holds tool calls; Gemini says `STOP` then as well. Unknown words mean no more than `STOP`. */
export function toFinishReason(reason: string, called: boolean): FinishReason {
  return TO_UNIFIED.get(reason) ?? (called ? "tool-calls" : "stop");
}

/** The model wrote a call nobody can read, or one nobody asked for: there is no answer. */
export const isFailure = (reason: string): boolean => FAILURES.has(reason);

function toWireReason(reason: FinishReason): WireFinishReason {
  switch (reason) {
    case "stop":
    case "tool-calls":
    case "pause":
      return "STOP";
    case "length":
      return "MAX_TOKENS";
    case "content-filter":
      return "SAFETY";
    default:
      return reason satisfies never;
  }
}

export interface Ending {
  finishReason: WireFinishReason;
  finishMessage?: string;
}

/** Gemini tells why it refuses beside the content; a refusal that is an answer like any other is not its way. */
export function toEnding(reason: FinishReason, refusal: string): Ending {
  const finishReason = toWireReason(reason);
  return reason === "content-filter" && refusal !== ""
    ? { finishReason, finishMessage: refusal }
    : { finishReason };
}

const TO_UNIFIED = new Map<string, FinishReason>([
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content-filter"],
  ["RECITATION", "content-filter"],
  ["LANGUAGE", "content-filter"],
  ["BLOCKLIST", "content-filter"],
  ["PROHIBITED_CONTENT", "content-filter"],
  ["SPII", "content-filter"],
  ["MODEL_ARMOR", "content-filter"],
  ["IMAGE_SAFETY", "content-filter"],
  ["IMAGE_PROHIBITED_CONTENT", "content-filter"],
  ["IMAGE_RECITATION", "content-filter"],
  ["IMAGE_OTHER", "content-filter"],
  ["NO_IMAGE", "content-filter"],
  // "All other reasons that stopped the token generation": the answer is cut off, and not by its length.
  ["OTHER", "content-filter"],
  ["CONTINUATION", "pause"],
]);

const FAILURES = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MALFORMED_RESPONSE",
  "MISSING_THOUGHT_SIGNATURE",
]);
