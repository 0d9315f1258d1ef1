import type { FinishReason } from "../unified.ts";

/** A provider's reason; words we do not know mean the model came to its end. */
export const toFinishReason = (reason: string): FinishReason =>
  TO_UNIFIED.get(reason.toLowerCase()) ?? "stop";

export const toWireReason = (reason: FinishReason): string => TO_WIRE[reason];

/** OpenAI's words and those of its imitators: Mistral's `model_length`, Gemini's and Claude's in gateways. */
const TO_UNIFIED = new Map<string, FinishReason>(
  Object.entries({
    stop: "stop",
    length: "length",
    max_tokens: "length",
    max_output_tokens: "length",
    model_length: "length",
    model_context_window_exceeded: "length",
    tool_calls: "tool-calls",
    tool_call: "tool-calls",
    tool_use: "tool-calls",
    function_call: "tool-calls",
    content_filter: "content-filter",
    safety: "content-filter",
    refusal: "content-filter",
    sensitive: "content-filter",
  }),
);

const TO_WIRE: Record<FinishReason, string> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  // Chat completions have no word for a turn that wants to be continued.
  pause: "stop",
};
