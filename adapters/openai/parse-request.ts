import { pairCalls } from "../tool-ids.ts";
import {
  compact,
  isObject,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  readName,
  readObject,
  unknownFields,
  type Json,
} from "../validate.ts";
import { findUnread } from "./find-unread.ts";
import { parseChoices } from "./parse-choices.ts";
import { parseCompletion } from "./parse-completion.ts";
import { parseMessages } from "./parse-messages.ts";
import { parseOutput } from "./parse-output.ts";
import { parseSampling } from "./parse-sampling.ts";
import { parseThinking } from "./parse-thinking.ts";
import { parseTools } from "./parse-tools.ts";
import type { Call } from "../adapter.ts";
import type { UnifiedRequest } from "../unified.ts";

/** The body of `POST /v1/chat/completions`, or of `/v1/completions` where the call's variant says so. */
export function parseRequest(body: unknown, call: Call): UnifiedRequest {
  const json = readObject(body, "body");
  return call.variant === "completions" ? parseCompletion(json) : parseChat(json);
}

function parseChat(json: Json): UnifiedRequest {
  const model = readName(json.model, "model");
  let nativeOnly: string | undefined;
  const { system, messages } = parseMessages(json.messages, (reason) => (nativeOnly ??= reason));
  const { tools, serverTools, toolChoice } = parseTools(json);
  const output = parseOutput(json.response_format);
  const hasTools = tools !== undefined || serverTools !== undefined;
  const extra = unknownFields(json, KNOWN) ?? {};
  // A format without a unified form (a grammar) is still good for the same protocol.
  if (!output && optionalObject(json.response_format, "response_format"))
    extra.response_format = json.response_format;
  const unread = findUnread(json, extra);
  // OpenRouter's object is read, and tells the writers where the client looks for thoughts.
  if (isObject(json.reasoning)) extra.reasoning = json.reasoning;
  if (wantsAudio(json))
    nativeOnly ??= "modalities: a spoken answer can only come from a provider of chat completions";
  return compact<UnifiedRequest>({
    model,
    system: system.length ? system : undefined,
    messages: pairCalls(messages),
    tools,
    serverTools,
    toolChoice,
    parallelTools: hasTools ? parseParallel(json) : undefined,
    sampling: parseSampling(json),
    thinking: parseThinking(json),
    output,
    stream: optionalBoolean(json.stream, "stream") ?? false,
    logprobs: parseLogprobs(json),
    choices: parseChoices(json),
    userId: optionalString(json.user, "user"),
    nativeOnly,
    unread: unread.length ? unread : undefined,
    extra: Object.keys(extra).length ? { openai: extra } : undefined,
  });
}

/** `function_call` in the answer has room for one call. */
function parseParallel(json: Json): boolean | undefined {
  const wanted = optionalBoolean(json.parallel_tool_calls, "parallel_tool_calls");
  return Array.isArray(json.functions) && !Array.isArray(json.tools) ? false : wanted;
}

const wantsAudio = ({ modalities }: Json): boolean =>
  Array.isArray(modalities) && modalities.includes("audio");

function parseLogprobs(json: Json): UnifiedRequest["logprobs"] {
  if (!optionalBoolean(json.logprobs, "logprobs")) return undefined;
  return compact({ top: optionalInteger(json.top_logprobs, "top_logprobs") });
}

/**
 * What has a unified form. `top_k`, `min_p` and `repetition_penalty` are not among it although they have one: they are
 * no fields of OpenAI's, and a client that sends them to a provider of this protocol wants them there as they are.
 * `stream_options` and `functions` stay, for the writers.
 */
const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "function_call",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "max_tokens",
  "max_completion_tokens",
  "stop",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "reasoning_effort",
  "reasoning",
  "response_format",
  "stream",
  "logprobs",
  "top_logprobs",
  "n",
  "user",
]);
