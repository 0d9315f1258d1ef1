import type { StreamEvent } from "../unified.ts";
import { isObject } from "../validate.ts";
import { createMessageReader } from "./read-message.ts";

/**
 * Beginning and end of a full answer that is text with its counts, as reading all of it would tell them. Undefined for
 * any other, which has to be read.
 */
export function skim(body: unknown): StreamEvent[] | undefined {
  if (!isObject(body) || body.type !== "message" || (body.error !== undefined && body.error !== null))
    return undefined;
  const { content, stop_reason, stop_sequence, stop_details } = body;
  if (!Array.isArray(content) || content.length === 0 || !content.every(isText)) return undefined;
  if (typeof stop_reason !== "string" || (stop_details !== undefined && stop_details !== null))
    return undefined;
  const message = createMessageReader();
  const start = message.begin(body);
  message.end({ delta: { stop_reason, stop_sequence } });
  const finish = message.finish(false);
  const usage = finish.type === "finish" ? finish.usage : undefined;
  if (!usage || (usage.inputTokens === 0 && usage.outputTokens === 0)) return undefined;
  return [start, finish];
}

const isText = (block: unknown): boolean =>
  isObject(block) && block.type === "text" && typeof block.text === "string" && block.text !== "";
