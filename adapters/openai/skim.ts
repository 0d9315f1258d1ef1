import type { StreamEvent } from "../unified.ts";
import { isObject } from "../validate.ts";
import { toFinishReason } from "./finish-reason.ts";
import { parseUsage } from "./usage.ts";

/**
 * Beginning and end of a full answer that is one text with its counts, as reading all of it would tell them. Undefined
 * for any other, which has to be read.
 */
export function skim(body: unknown): StreamEvent[] | undefined {
  if (!isObject(body) || hasAny(body.error) || !Array.isArray(body.choices) || body.choices.length !== 1)
    return undefined;
  const [choice] = body.choices as unknown[];
  if (!isObject(choice) || hasAny(choice.error) || hasAny(choice.usage) || hasAny(choice.stop_reason))
    return undefined;
  const { message, finish_reason: word } = choice;
  if (!isObject(message) || (word !== "stop" && word !== "length")) return undefined;
  const { content, tool_calls: calls, function_call: call } = message;
  if (typeof content !== "string" || content === "" || hasAny(calls) || hasAny(call)) return undefined;
  const usage = parseUsage(body.usage);
  if (!usage || (usage.inputTokens === 0 && usage.outputTokens === 0)) return undefined;
  const { id, model } = body;
  return [
    {
      type: "start",
      id: typeof id === "string" && id !== "" ? id : undefined,
      model: typeof model === "string" && model !== "" ? model : undefined,
    },
    { type: "finish", reason: toFinishReason(word), usage },
  ];
}

const hasAny = (value: unknown): boolean => value !== undefined && value !== null;
