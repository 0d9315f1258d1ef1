import type { FinishReason } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";

/** Why a finished response ended; a whole answer that holds calls waits for their results. */
export function toFinishReason(response: Json, hasCalls: boolean): FinishReason {
  if (response.status === "incomplete") {
    const details = isObject(response.incomplete_details) ? response.incomplete_details : {};
    return details.reason === "content_filter" ? "content-filter" : "length";
  }
  return hasCalls ? "tool-calls" : "stop";
}
