import { toArgsObject } from "../call-args.ts";
import { toMediaKind } from "../data-url.ts";
import type {
  AssistantPart,
  MediaPart,
  Message,
  TextPart,
  ToolResultPart,
  UnifiedRequest,
} from "../unified.ts";
import { compact } from "../validate.ts";
import type { OllamaMessage } from "./wire.ts";

/** The conversation as Ollama takes it: content is one string, pictures and sounds are bare base64 beside it. */
export function buildMessages(request: UnifiedRequest, dropped: Set<string>): OllamaMessage[] {
  const messages: OllamaMessage[] = [];
  const system = buildSystem(request.system);
  if (system !== undefined) messages.push({ role: "system", content: system });
  for (const message of request.messages) messages.push(...buildMessage(message, dropped));
  return messages;
}

/** One text: not every model's template puts several system messages together. */
export function buildSystem(system: TextPart[] | undefined): string | undefined {
  const text = joinTexts(system ?? []);
  return text === "" ? undefined : text;
}

export function buildMessage(message: Message, dropped: Set<string>): OllamaMessage[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: joinTexts(message.content) }];
    case "user":
      return [{ role: "user", ...buildContent(message.content, dropped) }];
    case "assistant":
      return buildAssistant(message.content, dropped);
    case "tool":
      return buildResults(message.content, dropped);
    default:
      return message satisfies never;
  }
}

function buildAssistant(parts: AssistantPart[], dropped: Set<string>): OllamaMessage[] {
  const spoken = parts.filter((part) => part.type === "text" || part.type === "media");
  const thoughts = parts.filter((part) => part.type === "thinking");
  const calls = parts
    .filter((part) => part.type === "tool-call")
    .map(({ id, name, args }) => ({ id, function: { name, arguments: toArgsObject(args) } }));
  const message: OllamaMessage = compact({
    role: "assistant",
    ...buildContent(spoken, dropped),
    thinking: joinAll(thoughts.map((part) => (part.redacted ? "" : part.text))) || undefined,
    tool_calls: calls.length ? calls : undefined,
  });
  const isEmpty = message.content === "" && !message.thinking && !message.tool_calls && !message.images;
  return isEmpty ? [] : [message];
}

/** A message per result. Pictures in results reach the model in a user message that says where they belong. */
function buildResults(results: ToolResultPart[], dropped: Set<string>): OllamaMessage[] {
  const media: MediaPart[] = [];
  const notes: string[] = [];
  const messages = results.map((result): OllamaMessage => {
    const inside = result.content.filter((part) => part.type === "media");
    if (inside.length) notes.push(`Attached: from the result of tool ${result.name || result.id}.`);
    media.push(...inside);
    const text = joinTexts(result.content.filter((part) => part.type === "text"));
    const content = result.isError && !/error|fail/i.test(text) ? `Error: ${text}` : text;
    return compact({
      role: "tool",
      content: content === "" && inside.length ? "(see the attachment)" : content,
      tool_name: result.name || undefined,
      tool_call_id: result.id || undefined,
    });
  });
  if (media.length === 0) return messages;
  const noted: TextPart[] = notes.map((text) => ({ type: "text", text }));
  return [...messages, { role: "user", ...buildContent([...noted, ...media], dropped) }];
}

/** Texts joined, pictures and sounds aside; what Ollama cannot carry leaves a note in its place. */
export function buildContent(
  parts: readonly (TextPart | MediaPart)[],
  dropped: Set<string>,
): { content: string; images?: string[] } {
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of parts) {
    if (part.type === "text") texts.push(part.text);
    else buildMedia(part, { texts, images, dropped });
  }
  return { content: joinAll(texts), ...(images.length && { images }) };
}

function buildMedia(
  part: MediaPart,
  into: { texts: string[]; images: string[]; dropped: Set<string> },
): void {
  const kind = toMediaKind(part.mimeType);
  const { source } = part;
  if (source.kind === "base64" && (kind === "image" || kind === "audio")) {
    into.images.push(source.data);
  } else if (source.kind === "base64" && /^text\/|[/+](?:json|xml)$/.test(part.mimeType)) {
    const title = part.name === undefined ? "" : `${part.name}:\n`;
    into.texts.push(title + Buffer.from(source.data, "base64").toString("utf8"));
  } else if (source.kind === "url") {
    into.texts.push(`[${kind}: ${source.url}]`);
    into.dropped.add(`${kind} by URL`);
  } else {
    into.texts.push(`[${kind}: ${part.name ?? part.mimeType}, left out]`);
    into.dropped.add(`${kind} (${part.mimeType})`);
  }
}

const joinTexts = (parts: readonly TextPart[]): string => joinAll(parts.map((part) => part.text));
const joinAll = (texts: readonly string[]): string => texts.filter((text) => text !== "").join("\n\n");
