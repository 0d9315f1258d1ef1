import { isObject, type Json } from "../validate.ts";

/**
 * What of a body no other protocol's provider gets, and that may change the answer: all fields we know nothing of, and
 * the names of speakers. `extra`: the fields without a unified form.
 */
export function findUnread(json: Json, extra: Json): string[] {
  const fields = Object.entries(extra).flatMap(([name, value]) => (matters(name, value) ? [name] : []));
  const messages = Array.isArray(json.messages) ? json.messages : [];
  return messages.some(hasSpeaker) ? [...fields, "messages[].name"] : fields;
}

/** Who speaks, among several under one role. A result's name is that of its tool. */
const hasSpeaker = (message: unknown): boolean =>
  isObject(message) &&
  typeof message.name === "string" &&
  message.role !== "tool" &&
  message.role !== "function";

function matters(name: string, value: unknown): boolean {
  if (value === null || value === false || HARMLESS.has(name)) return false;
  if (name === "verbosity") return value !== "medium";
  if (name === "response_format") return isObject(value) && value.type !== "text";
  return !isObject(value) || Object.keys(value).length > 0;
}

/** Fields that are read, and those about price, speed, caches and records: the answer is the same without them. */
const HARMLESS: ReadonlySet<string> = new Set([
  "stream_options",
  "functions",
  "function_call",
  "reasoning",
  "thinking",
  "enable_thinking",
  "thinking_budget",
  "chat_template_kwargs",
  "top_k",
  "min_p",
  "repetition_penalty",
  "modalities",
  "audio",
  "metadata",
  "prediction",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "safety_identifier",
  "cache_prompt",
  "keep_alive",
  "logprobs",
  "top_logprobs",
]);
