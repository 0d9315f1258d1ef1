import {
  compact,
  invalid,
  optionalBoolean,
  optionalInteger,
  optionalString,
  readName,
  unknownFields,
  type Json,
} from "../validate.ts";
import { findUnread } from "./find-unread.ts";
import { parseChoices } from "./parse-choices.ts";
import { parseSampling } from "./parse-sampling.ts";
import type { UnifiedRequest } from "../unified.ts";

/** The body of `POST /v1/completions`: the prompt becomes a user message, and a chat model writes the answer. */
export function parseCompletion(json: Json): UnifiedRequest {
  const model = readName(json.model, "model");
  const { text, nativeOnly } = readPrompt(json);
  const choices = parseChoices(json);
  const top = optionalInteger(json.logprobs, "logprobs");
  const extra = unknownFields(json, KNOWN);
  const unread = findUnread(json, extra ?? {});
  // Of so many the best are to be given: a chat model writes only those that are.
  if ((optionalInteger(json.best_of, "best_of") ?? 1) > (choices ?? 1)) unread.push("best_of");
  return compact<UnifiedRequest>({
    model,
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    sampling: parseSampling(json),
    stream: optionalBoolean(json.stream, "stream") ?? false,
    logprobs: top === undefined ? undefined : { top },
    choices,
    userId: optionalString(json.user, "user"),
    nativeOnly,
    unread: unread.length ? unread : undefined,
    extra: extra && { openai: extra },
  });
}

function readPrompt(json: Json): { text: string; nativeOnly?: string } {
  const { prompt } = json;
  const list = Array.isArray(prompt) ? prompt : [prompt ?? ""];
  const text = list.filter((item) => typeof item === "string").join("\n\n");
  const isTokens = list.some((item) => typeof item === "number" || Array.isArray(item));
  if (isTokens)
    return { text, nativeOnly: "prompt: token ids can be read only by their own model; expected text" };
  if (list.some((item) => typeof item !== "string"))
    throw invalid("prompt", "string or array of strings", prompt);
  if (list.length > 1)
    return { text, nativeOnly: "prompt: several prompts in one request cannot be converted; expected one" };
  if (json.suffix) return { text, nativeOnly: "suffix: filling a gap needs a provider with /v1/completions" };
  if (json.echo === true) return { text, nativeOnly: "echo: needs a provider with /v1/completions" };
  return { text };
}

/** `suffix`, `echo` and `best_of` mean nothing to chat completions, so they are not passed on there. */
const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "prompt",
  "suffix",
  "echo",
  "best_of",
  "temperature",
  "top_p",
  "max_tokens",
  "stop",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "stream",
  "logprobs",
  "n",
  "user",
]);
