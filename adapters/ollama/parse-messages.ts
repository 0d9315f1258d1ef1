import { completeArgs } from "../call-args.ts";
import { goArray, goObject, goString, readGoStruct, type GoStruct } from "../go-json.ts";
import { pairCalls } from "../tool-ids.ts";
import type { AssistantPart, MediaPart, Message, TextPart, ToolCallPart, UserPart } from "../unified.ts";
import { parseImage } from "./parse-image.ts";

export interface ParsedMessages {
  system?: TextPart[];
  messages: Message[];
}

/** `messages` of a chat body: the system texts that lead, and the rest. */
export function parseMessages(list: unknown[], path: string): ParsedMessages {
  const system: TextPart[] = [];
  const messages: Message[] = [];
  for (const item of list) {
    const from = readGoStruct(item, path, "api.Message");
    const role = goString(from, "role")?.toLowerCase() ?? "";
    const text = goString(from, "content") ?? "";
    const images = parseImages(from);
    switch (role) {
      case "system":
      case "developer":
        if (messages.length) messages.push({ role: "system", content: [{ type: "text", text }] });
        else if (text !== "") system.push({ type: "text", text });
        break;
      case "assistant":
        messages.push({ role: "assistant", content: parseAssistant(from, text, images) });
        break;
      case "tool":
        addResult(messages, from, text, images);
        break;
      default:
        // Ollama takes any role and leaves it to the model's template.
        messages.push({ role: "user", content: toUserParts(text, images) });
    }
  }
  return { ...(system.length && { system }), messages: pairCalls(messages) };
}

export function toUserParts(text: string, images: MediaPart[]): UserPart[] {
  return text === "" && images.length ? images : [{ type: "text", text }, ...images];
}

export function parseImages(from: GoStruct): MediaPart[] {
  const list = goArray(from, "images", "[]api.ImageData") ?? [];
  const images: MediaPart[] = [];
  for (const item of list) {
    const image = parseImage(item, `${from.path}.images`);
    if (image) images.push(image);
  }
  return images;
}

function parseAssistant(from: GoStruct, text: string, images: MediaPart[]): AssistantPart[] {
  const parts: AssistantPart[] = [];
  const thinking = goString(from, "thinking") ?? "";
  if (thinking !== "") parts.push({ type: "thinking", text: thinking });
  if (text !== "") parts.push({ type: "text", text });
  parts.push(...images);
  const calls = goArray(from, "tool_calls", "[]api.ToolCall") ?? [];
  parts.push(...calls.map((call) => parseCall(call, `${from.path}.tool_calls`)));
  return parts;
}

function parseCall(value: unknown, path: string): ToolCallPart {
  const call = readGoStruct(value, path, "api.ToolCall");
  const callee = readGoStruct(call.fields.function, `${path}.function`, "api.ToolCallFunction");
  // An object, never a string: trap 28.
  const args = goObject(callee, "arguments", "api.ToolCallFunctionArguments") ?? {};
  return {
    type: "tool-call",
    id: goString(call, "id") ?? "",
    name: goString(callee, "name") ?? "",
    args: completeArgs(JSON.stringify(args)),
  };
}

function addResult(messages: Message[], from: GoStruct, text: string, images: MediaPart[]): void {
  const result = {
    type: "tool-result" as const,
    id: goString(from, "tool_call_id") ?? "",
    name: goString(from, "tool_name") ?? "",
    content: text === "" && images.length ? images : [{ type: "text" as const, text }, ...images],
  };
  const last = messages.at(-1);
  if (last?.role === "tool") last.content.push(result);
  else messages.push({ role: "tool", content: [result] });
}
