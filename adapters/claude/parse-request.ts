import type { Output, Sampling, TextPart, UnifiedRequest } from "../unified.ts";
import {
  compact,
  isObject,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalStrings,
  readName,
  readObject,
  unknownFields,
  type Json,
} from "../validate.ts";
import { firstWord } from "./first-word.ts";
import { parseText } from "./parse-content.ts";
import { parseMessages } from "./parse-messages.ts";
import { parseThinking } from "./parse-thinking.ts";
import { parseToolChoice, parseTools } from "./parse-tools.ts";
import { PROTOCOL } from "./wire.ts";

/** A body of `/v1/messages` or `/v1/messages/count_tokens`; `max_tokens` may be missing in both. */
export function parseRequest(value: unknown): UnifiedRequest {
  const body = readObject(value, "body");
  const { leading, messages } = parseMessages(body.messages);
  const tools = parseTools(body.tools, body.messages);
  const { verbatim, ...choice } = parseToolChoice(body.tool_choice, tools);
  const config = optionalObject(body.output_config, "output_config") ?? {};
  const metadata = optionalObject(body.metadata, "metadata");
  const system = [...parseText(body.system, "system"), ...leading].filter(isPrompt);
  const extra = readExtra(body, config, verbatim);
  return compact<UnifiedRequest>({
    model: readName(body.model, "model"),
    system: system.length ? system : undefined,
    messages,
    ...tools,
    ...choice,
    sampling: parseSampling(body),
    thinking: parseThinking(body.thinking, config.effort),
    output: parseFormat(config.format ?? body.output_format),
    stream: optionalBoolean(body.stream, "stream") ?? false,
    userId: typeof metadata?.user_id === "string" ? metadata.user_id : undefined,
    extra: extra && { [PROTOCOL]: extra },
    unread: listUnread(extra),
    ...parseThread(body.thread),
  });
}

/**
 * A conversation that Anthropic's server holds (beta `message-threads-2026-08-12`). The one that creates it carries
 * everything; one that goes on from it carries only what is new, and clients send the whole again when they are told
 * that the thread is not known.
 */
function parseThread(thread: unknown): Pick<UnifiedRequest, "nativeOnly" | "nativeOnlyAs"> {
  if (!isObject(thread) || thread.type !== "continue") return {};
  return {
    nativeOnly:
      'thread: the conversation is not kept here; send it whole, with thread {"type": "create"} or without',
    nativeOnlyAs: { kind: "not-found", code: "thread_not_found" },
  };
}

/** Claude Code's first system block changes with every request, and would so defeat every other provider's cache. */
export const isBillingText = (text: string): boolean => text.startsWith("x-anthropic-billing-header:");

const isPrompt = ({ text }: TextPart): boolean => text !== "" && !isBillingText(text);

function parseSampling(body: Json): Sampling | undefined {
  const sampling = compact<Sampling>({
    temperature: optionalNumber(body.temperature, "temperature"),
    topP: optionalNumber(body.top_p, "top_p"),
    topK: optionalNumber(body.top_k, "top_k"),
    maxTokens: optionalInteger(body.max_tokens, "max_tokens"),
    stop: optionalStrings(body.stop_sequences, "stop_sequences"),
  });
  return Object.keys(sampling).length ? sampling : undefined;
}

function parseFormat(format: unknown): Output | undefined {
  if (!isObject(format) || format.type !== "json_schema" || !isObject(format.schema)) return undefined;
  return compact<Output>({
    type: "json-schema",
    schema: format.schema,
    name: typeof format.name === "string" ? format.name : undefined,
  });
}

/** `thinking` and the rest of `output_config` are kept as they are beside what was understood of them. */
function readExtra(body: Json, config: Json, choice: Json | undefined): Json | undefined {
  const extra = unknownFields(body, KNOWN) ?? {};
  const { format: _format, ...rest } = config;
  delete extra.output_config;
  if (Object.keys(rest).length) extra.output_config = rest;
  if (choice) extra.tool_choice = choice;
  return Object.keys(extra).length ? extra : undefined;
}

/** What of `extra` another provider's model would have needed to know. */
function listUnread(extra: Json = {}): string[] | undefined {
  const words = Object.keys(extra).filter(
    (key) => extra[key] !== null && !QUIET.has(key) && !isIdle(key, extra[key]),
  );
  if (isObject(extra.output_config) && isObject(extra.output_config.task_budget)) words.push("task_budget");
  return words.length ? words : undefined;
}

/** Means the default, or something that makes no difference without Claude's thoughts. */
function isIdle(key: string, value: unknown): boolean {
  if (key === "speed") return value === "standard";
  if (key === "mcp_servers" || key === "fallbacks") return Array.isArray(value) && value.length === 0;
  if (key !== "context_management" || !isObject(value) || !Array.isArray(value.edits)) return false;
  return value.edits.every((edit) => isObject(edit) && firstWord(edit.type).startsWith("clear_thinking"));
}

/** Modelled as far as others go (`thinking`, `output_config`), or about Anthropic's caches, accounts and records only. */
const QUIET = new Set([
  "thinking",
  "output_config",
  "tool_choice",
  "cache_control",
  "diagnostics",
  "thread",
  "service_tier",
  "billing_policy",
  "fallback_credit_token",
  "user_profile_id",
  "workspace_id",
  "betas",
]);

const KNOWN = new Set([
  "model",
  "messages",
  "system",
  "max_tokens",
  "stop_sequences",
  "temperature",
  "top_p",
  "top_k",
  "stream",
  "tools",
  "tool_choice",
  "metadata",
  "output_format",
]);
