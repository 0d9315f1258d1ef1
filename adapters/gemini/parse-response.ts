import { GatewayError } from "../errors.ts";
import { foldEvents } from "../fold.ts";
import type { StreamEvent, UnifiedRequest, UnifiedResult } from "../unified.ts";
import { describe } from "../validate.ts";
import { createToolNames } from "./build-tools.ts";
import { createChunkReader } from "./read-chunk.ts";

/** A full answer, read as a stream of one chunk; some providers answer with the stream's array instead. */
export function parseResponse(body: unknown, request: UnifiedRequest): UnifiedResult {
  if (typeof body !== "object" || body === null) {
    throw new GatewayError("upstream", `the provider answered with ${describe(body)}, expected an object`);
  }
  const reader = createChunkReader({ names: createToolNames(request), cumulative: false });
  const events: StreamEvent[] = [];
  reader.take(body, events);
  reader.close(events, { whole: true });
  return foldEvents(events);
}
