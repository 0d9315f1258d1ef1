import type { BuildOptions } from "../adapter.ts";
import type { StreamEvent } from "../unified.ts";
import { holdsOnly, isObject } from "../validate.ts";
import { ABOUT_ANSWER } from "./answer-fields.ts";
import { toFinishReason } from "./finish-reason.ts";
import { readQuirks } from "./read-quirks.ts";
import { parseUsage } from "./usage.ts";

/**
 * The events of a full answer that is one text with its counts, as `parse-response` would give them told again.
 * Undefined for any other.
 */
export function readPlain(body: unknown, model: string, options?: BuildOptions): StreamEvent[] | undefined {
  if (!isObject(body) || !holdsOnly(body, BODY) || !Array.isArray(body.choices) || body.choices.length !== 1)
    return undefined;
  const [choice] = body.choices as unknown[];
  if (!isObject(choice) || !holdsOnly(choice, CHOICE)) return undefined;
  const { message, finish_reason: word } = choice;
  if (!isObject(message) || (word !== "stop" && word !== "length")) return undefined;
  const { content, annotations } = message;
  if (!holdsOnly(message, MESSAGE) || typeof content !== "string" || content === "") return undefined;
  if (annotations && !(Array.isArray(annotations) && annotations.length === 0)) return undefined;
  const { cumulative, thinkTags, reasoningDetails } = readQuirks(options, model);
  if (cumulative || thinkTags || reasoningDetails) return undefined;
  const usage = parseUsage(body.usage);
  return [
    {
      type: "start",
      id: typeof body.id === "string" && body.id !== "" ? body.id : undefined,
      model: typeof body.model === "string" && body.model !== "" ? body.model : undefined,
    },
    { type: "text-delta", text: content },
    { type: "finish", reason: toFinishReason(word), usage },
  ];
}

const BODY: ReadonlySet<string> = new Set([...ABOUT_ANSWER, "choices", "usage"]);
const CHOICE: ReadonlySet<string> = new Set(["index", "message", "finish_reason"]);
const MESSAGE: ReadonlySet<string> = new Set(["role", "content", "annotations"]);
