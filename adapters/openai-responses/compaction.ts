import type { Call, WriteContext } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { openSignature, sealSignature } from "../signature.ts";
import type { FinishReason, UnifiedRequest, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { writeItemId, writeResponseId } from "./item-id.ts";
import { writeUsage } from "./usage.ts";
import { PROTOCOL, readNotes } from "./wire.ts";

/**
 * Compaction for providers that have none: the model is asked for a summary, which travels sealed in the item whose
 * content is the provider's own business. Codex has no other way where it takes its provider for OpenAI.
 */
export function isCompaction(body: Json, call: Call): boolean {
  if (call.variant === COMPACT) return true;
  const last: unknown = Array.isArray(body.input) ? body.input.at(-1) : undefined;
  return isObject(last) && last.type === TRIGGER;
}

/** The request for the summary. Tools stay, since the conversation may hold their calls, but none may be called. */
export function askForSummary(request: UnifiedRequest): UnifiedRequest {
  const { output: _, toolChoice: __, ...rest } = request;
  return {
    ...rest,
    messages: [...request.messages, { role: "user", content: [{ type: "text", text: ASK }] }],
    ...((request.tools || request.serverTools) && { toolChoice: "none" }),
  };
}

export const isCompacting = (request: UnifiedRequest): boolean => readNotes(request).compact !== undefined;

/** What is wrong with a summary: without one, or with half of one, the conversation would be lost. */
export function findFault(summary: string, reason: FinishReason): GatewayError | undefined {
  if (reason === "length" || reason === "content-filter")
    return new GatewayError("upstream", "the summary of the conversation was cut off");
  if (summary.trim() !== "") return undefined;
  return new GatewayError("upstream", "the model wrote no summary of the conversation");
}

export const writeCompactionItem = (context: WriteContext, summary: string): Json => ({
  id: writeItemId("cmp", context, 0),
  type: "compaction",
  encrypted_content: sealSignature(toSeal(summary), PROTOCOL),
});

/** The answer of the route: the user's messages and the summary take the conversation's place. */
export const writeCompacted = (items: Json[], usage: Usage | undefined, context: WriteContext): Json => ({
  id: writeResponseId(context),
  object: "response.compaction",
  created_at: Math.floor(context.createdAt / 1000),
  output: [
    ...(readNotes(context.request).compact?.keep ?? []).map((item, index) => ({
      id: writeItemId("msg", context, index + 1),
      ...item,
    })),
    ...items,
  ],
  usage: writeUsage(usage),
});

/** A compaction item of ours as the message that takes its place; undefined for those of a provider. */
export function openCompaction(item: Json): string | undefined {
  if (typeof item.encrypted_content !== "string") return undefined;
  const { origin, value } = openSignature(item.encrypted_content, PROTOCOL);
  return origin === SUMMARY ? `${HEADING}\n\n${Buffer.from(value, "base64").toString("utf8")}` : undefined;
}

/** All user messages of a conversation, in their long form: they stay as they are beside the summary. */
export function listUserMessages(input: unknown): Json[] {
  const items: unknown[] = typeof input === "string" ? [{ role: "user", content: input }] : listOf(input);
  return items
    .filter(isObject)
    .filter(isUserMessage)
    .map((item) => ({
      type: "message",
      status: "completed",
      ...item,
      content: typeof item.content === "string" ? [{ type: "input_text", text: item.content }] : item.content,
    }));
}

const isUserMessage = (item: Json): boolean =>
  item.role === "user" && (item.type === undefined || item.type === "message");
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const toSeal = (summary: string) => ({
  origin: SUMMARY,
  value: Buffer.from(summary, "utf8").toString("base64"),
});

/** The variant of the route that only compacts. */
export const COMPACT = "compact";
/** The type of the input item that asks for it in the course of a conversation. */
export const TRIGGER = "compaction_trigger";

/** Stands for the origin of a seal: no provider is called so. */
const SUMMARY = "summary";
const HEADING = "Summary of the conversation up to here, which was shortened:";
const ASK = `The conversation becomes too long and is replaced by a summary. Write it now, for the one who goes on with the work and sees nothing else of it. Say what the user wants, in their own words where they matter; what has been done and found out, with the names of files, functions, commands and values that are still needed; what was decided and why; what is under way, and what comes next. Write the summary alone, as plain text, and call no tools.`;
