import { GatewayError } from "../errors.ts";
import { foldEvents } from "../fold.ts";
import type { UnifiedRequest, UnifiedResult } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createAnswerReader } from "./read-answer.ts";

/** A full answer, read as a stream that has only its last event. Throws what a failed response says. */
export function parseResponse(body: unknown, request: UnifiedRequest): UnifiedResult {
  if (!isObject(body) || (!Array.isArray(body.output) && body.status === undefined && body.error == null)) {
    throw new GatewayError("upstream", "the provider's answer is no response object: it has no output");
  }
  if (body.status === "in_progress" || body.status === "queued") {
    throw new GatewayError("upstream", `the provider's response is still ${body.status}`);
  }
  const answer = createAnswerReader(request);
  return foldEvents([...answer.take("response.completed", { response: body }), ...answer.end()]);
}
