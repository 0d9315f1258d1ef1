import type { Call } from "../adapter.ts";
import type { Message, UnifiedRequest } from "../unified.ts";
import { compact, isObject, readObject, unknownFields, type Json } from "../validate.ts";
import { listUnread } from "./list-unread.ts";
import { readModelName } from "./model-path.ts";
import { parseConfig } from "./parse-config.ts";
import { parseContents, parseSystem } from "./parse-contents.ts";
import { parseTools, type ParsedTools } from "./parse-tools.ts";
import { bothSpellings, readField } from "./read-field.ts";
import { PROTOCOL } from "./wire.ts";

/** A body of `:generateContent` and its like, or of `:countTokens`, which may hold one of the former. */
export function parseRequest(value: unknown, call: Call): UnifiedRequest {
  const outer = readObject(value, "body");
  const inner = call.job === "count-tokens" ? readField(outer, "generateContentRequest") : undefined;
  const body = inner === undefined ? outer : readObject(inner, "generateContentRequest");
  const { leading, messages } = parseContents(body.contents);
  const tools = parseTools(body);
  const { rest, ...config } = parseConfig(readField(body, "generationConfig"));
  const system = [...parseSystem(readField(body, "systemInstruction"), "systemInstruction"), ...leading];
  const extra = readExtra(body, tools, rest);
  const unread = listUnread(extra ?? {}, messages);
  return compact<UnifiedRequest>({
    model: readModelName(call),
    system: system.length ? system : undefined,
    messages,
    ...tools,
    ...config,
    stream: call.variant === "stream",
    nativeOnly: findNativeOnly(body, messages),
    unread: unread.length ? unread : undefined,
    extra: extra && { [PROTOCOL]: extra },
  });
}

/** What of the body only Gemini understands, with what of `toolConfig` and `generationConfig` is so. */
function readExtra(body: Json, { tools }: ParsedTools, config: Json | undefined): Json | undefined {
  const extra = unknownFields(body, KNOWN) ?? {};
  const given = readField(body, "toolConfig");
  const toolConfig = isObject(given) ? { ...unknownFields(given, CALLING) } : {};
  const calling = isObject(given) ? readField(given, "functionCallingConfig") : undefined;
  const mode = isObject(calling) ? calling.mode : undefined;
  if (tools && mode === "VALIDATED") toolConfig.functionCallingConfig = { mode };
  if (Object.keys(toolConfig).length) extra.toolConfig = toolConfig;
  if (config) extra.generationConfig = config;
  return Object.keys(extra).length ? extra : undefined;
}

/** State that lies at Google: a cached beginning of the conversation, half an answer, files that were uploaded. */
function findNativeOnly(body: Json, messages: Message[]): string | undefined {
  if (readField(body, "cachedContent") !== undefined) {
    return "cachedContent: the cache lies at Google; only a Gemini provider can use it";
  }
  if (readField(body, "continuationToken") !== undefined) {
    return "continuationToken: only the Gemini provider that gave it can go on from there";
  }
  for (const message of messages) {
    for (const part of message.content) {
      if (part.type !== "media" || part.source.kind !== "url" || !STORED.test(part.source.url)) continue;
      return "contents: fileData.fileUri is a file stored at Google; only a Gemini provider can read it";
    }
  }
  return undefined;
}

const STORED = /^(?:gs:|https:\/\/generativelanguage\.googleapis\.com\/)/i;
const CALLING = bothSpellings("functionCallingConfig");
const KNOWN = bothSpellings(
  "model",
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "generateContentRequest",
);
