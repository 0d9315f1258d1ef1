import { completeArgs } from "../call-args.ts";
import { unwrapCustomInput } from "../custom-tools.ts";
import { toDataUrl, toMediaKind } from "../data-url.ts";
import { findTool, toSafeId } from "../tool-ids.ts";
import type { NameMap } from "../tool-names.ts";
import type {
  AssistantPart,
  MediaPart,
  Message,
  Native,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UnifiedRequest,
  UserPart,
} from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { writeAnnotations } from "./annotations.ts";
import { cleanItem } from "./clean-items.ts";
import { nativeFields, PROTOCOL } from "./wire.ts";
import { isNative, writeToolName } from "./write-tools.ts";

export interface BuiltInput {
  items: Json[];
  /** Kinds of content this protocol cannot carry, in words. */
  dropped: string[];
}

/** The conversation as input items. Every call gets an output and every output has its call: the API insists on it. */
export function buildInput(request: UnifiedRequest, names: NameMap): BuiltInput {
  const built: BuiltInput = { items: [], dropped: [] };
  const place: Place = { request, names, built, ...pairs(request) };
  for (const message of request.messages) buildMessage(message, place);
  return built;
}

interface Place {
  request: UnifiedRequest;
  names: NameMap;
  built: BuiltInput;
  calls: Set<string>;
  answered: Set<string>;
}

function pairs({ messages }: UnifiedRequest): Pick<Place, "calls" | "answered"> {
  const calls = new Set<string>();
  const answered = new Set<string>();
  for (const { role, content } of messages) {
    for (const part of content) {
      if (role === "assistant" && part.type === "tool-call") calls.add(part.id);
      else if (part.type === "tool-result") answered.add(part.id);
    }
  }
  return { calls, answered };
}

function buildMessage(message: Message, place: Place): void {
  const { items } = place.built;
  switch (message.role) {
    case "system":
      items.push(
        writeMessage(
          "developer",
          message.content.map((part) => toInputText(part.text)),
        ),
      );
      return;
    case "user": {
      const content = message.content.flatMap((part) => toInputPart(part, place));
      if (content.length) items.push(writeMessage("user", content));
      return;
    }
    case "assistant":
      return buildAssistant(message.content, place);
    case "tool":
      for (const part of message.content) buildResult(part, place);
      return;
    default:
      message satisfies never;
  }
}

function buildAssistant(parts: AssistantPart[], place: Place): void {
  const { items } = place.built;
  const pictures: Json[] = [];
  for (const part of parts) {
    switch (part.type) {
      case "text": {
        const own = nativeItem(part);
        if (own) items.push(own);
        // One item may stand for several parts.
        if (part.native?.origin === PROTOCOL || part.text === "") break;
        items.push(writeMessage("assistant", [toOutputText(part)]));
        break;
      }
      case "thinking":
        // Thoughts go back only to who sealed them; without ids, since nothing is stored there.
        if (part.signature?.origin !== PROTOCOL) break;
        items.push({
          type: "reasoning",
          summary: part.text === "" ? [] : [{ type: "summary_text", text: part.text }],
          encrypted_content: part.signature.value,
        });
        break;
      case "tool-call":
        items.push(buildCall(part, place));
        if (!place.answered.has(part.id) && !isStateful(place.request)) {
          items.push(writeOutput(part.id, part.name, "No result was recorded.", place));
        }
        break;
      case "media":
        pictures.push(...toInputPart(part, place));
        break;
      default:
        part satisfies never;
    }
  }
  // An assistant message can hold only text.
  if (pictures.length)
    items.push(writeMessage("user", [toInputText("From the assistant's last turn:"), ...pictures]));
}

function buildCall(part: ToolCallPart, place: Place): Json {
  const own = nativeItem(part);
  if (own) return own;
  const { id, name, args } = part;
  const { request, names } = place;
  const custom = findTool(request, name)?.kind === "custom";
  return {
    type: custom ? "custom_tool_call" : "function_call",
    call_id: toCallId(id),
    ...writeToolName(request, name, names),
    ...(custom ? { input: unwrapCustomInput(args) } : { arguments: completeArgs(args) }),
  };
}

/** An item that the client got from this protocol and that means nothing elsewhere: as it was. */
function nativeItem({ native }: { native?: Native }): Json | undefined {
  return native?.origin === PROTOCOL && isObject(native.body) ? cleanItem(native.body)[0] : undefined;
}

function buildResult(part: ToolResultPart, place: Place): void {
  const own = nativeItem(part);
  if (own) {
    place.built.items.push(own);
    return;
  }
  const parts = part.isError
    ? [{ type: "text" as const, text: "The tool failed:" }, ...part.content]
    : part.content;
  if (place.calls.has(part.id) || isStateful(place.request)) {
    place.built.items.push(writeOutput(part.id, part.name, toOutput(parts, place), place));
    return;
  }
  // Its call is not in the conversation (shortened history): the API would refuse an output without one.
  const content = parts.flatMap((item) => toInputPart(item, place));
  const heading = toInputText(`Result of the tool ${part.name || "call"}:`);
  place.built.items.push(writeMessage("user", [heading, ...content]));
}

function toOutput(parts: UserPart[], place: Place): string | Json[] {
  const texts = parts.filter((part) => part.type === "text");
  const plain = texts.length === parts.length;
  if (plain && (texts.length < 2 || !isNative(place.request)))
    return texts.map((part) => part.text).join("\n");
  return parts.flatMap((part) => toInputPart(part, place));
}

function writeOutput(id: string, name: string, output: string | Json[], { request }: Place): Json {
  const custom = findTool(request, name)?.kind === "custom";
  return {
    type: custom ? "custom_tool_call_output" : "function_call_output",
    call_id: toCallId(id),
    output,
  };
}

function toInputPart(part: UserPart, { built }: Place): Json[] {
  if (part.type === "text") return part.text === "" ? [] : [toInputText(part.text)];
  const item = toInputMedia(part);
  if (item) return [item];
  built.dropped.push(part.mimeType);
  return [toInputText(`[${part.mimeType} left out: the model's provider takes no such content]`)];
}

function toInputMedia(part: MediaPart): Json | undefined {
  const { mimeType, source, name } = part;
  switch (toMediaKind(mimeType)) {
    case "image":
      // A type left open (`image/*`) is no type for a data URL.
      return { type: "input_image", image_url: toImageUrl(part), detail: part.detail ?? "auto" };
    case "document": {
      const file = source.kind === "url" ? { file_url: source.url } : { file_data: toDataUrl(part) };
      // Data without a file name is refused; a URL brings its own.
      const filename =
        name ?? (source.kind === "url" ? undefined : `file.${mimeType.split("/")[1] ?? "txt"}`);
      return { type: "input_file", ...(filename !== undefined && { filename }), ...file };
    }
    case "audio": {
      const format = AUDIO_FORMATS.get(mimeType);
      if (source.kind === "url" || format === undefined) return undefined;
      return { type: "input_audio", input_audio: { data: source.data, format } };
    }
    default:
      return undefined;
  }
}

const toImageUrl = (part: MediaPart): string =>
  toDataUrl(part.mimeType === "image/*" ? { ...part, mimeType: "image/png" } : part);

/** Sources stay only as their provider wrote them. */
function toOutputText({ text, citations = [] }: TextPart): Json {
  const own = citations.filter(({ native }) => native?.origin === PROTOCOL);
  const annotations = writeAnnotations(own, text.length);
  return { type: "output_text", text, ...(annotations.length && { annotations }) };
}

const toInputText = (text: string): Json => ({ type: "input_text", text });
const writeMessage = (role: string, content: Json[]): Json => ({ type: "message", role, content });

/** The rest of the conversation lies at the provider, calls included. */
const isStateful = (request: UnifiedRequest): boolean => {
  const fields = nativeFields(request);
  return fields?.previous_response_id != null || fields?.conversation != null;
};

const toCallId = (id: string): string => toSafeId(id, { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 });

const AUDIO_FORMATS: ReadonlyMap<string, string> = new Map([
  ["audio/wav", "wav"],
  ["audio/x-wav", "wav"],
  ["audio/mpeg", "mp3"],
  ["audio/mp3", "mp3"],
]);
