import { GatewayError } from "../errors.ts";
import { foldEvents } from "../fold.ts";
import type { StreamEvent, UnifiedRequest, UnifiedResult } from "../unified.ts";
import { describe, isObject } from "../validate.ts";
import { createToolNames } from "./build-tools.ts";
import { createEventReader } from "./read-events.ts";

/** A full answer, read as the stream it could have been. */
export function parseResponse(body: unknown, request: UnifiedRequest): UnifiedResult {
  if (!isObject(body)) {
    throw new GatewayError("upstream", `the provider answered with ${describe(body)}, expected a message`);
  }
  const reader = createEventReader(createToolNames(request));
  const events: StreamEvent[] = [];
  if (body.type === "error" || (isObject(body.error) && !Array.isArray(body.content))) {
    reader.take({ type: "error", error: body.error }, events);
    return foldEvents(events);
  }
  if (!Array.isArray(body.content)) {
    throw new GatewayError("upstream", "the provider answered without content, expected a message");
  }
  const { stop_reason, stop_sequence, stop_details } = body;
  reader.take({ type: "message_start", message: { ...body, content: [] } }, events);
  for (const [index, block] of body.content.entries()) {
    reader.take({ type: "content_block_start", index, content_block: block }, events);
    reader.take({ type: "content_block_stop", index }, events);
  }
  reader.take({ type: "message_delta", delta: { stop_reason, stop_sequence, stop_details } }, events);
  reader.take({ type: "message_stop" }, events);
  return foldEvents(events);
}
