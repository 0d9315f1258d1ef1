import { GatewayError } from "../errors.ts";
import { foldEvents } from "../fold.ts";
import type { UnifiedRequest, UnifiedResult } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createAnswerReader } from "./read-answer.ts";

/** A whole answer: one object, read like a line of a stream that is the last one too. */
export function parseResponse(body: unknown, request: UnifiedRequest): UnifiedResult {
  const isAnswer =
    isObject(body) &&
    (isObject(body.message) || typeof body.response === "string" || body.error !== undefined);
  if (!isAnswer) {
    throw new GatewayError("upstream", "the provider's answer holds neither `message` nor `response`");
  }
  return foldEvents(createAnswerReader(request)({ ...body, done: true }));
}
