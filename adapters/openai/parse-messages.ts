import { toArgsText } from "../call-args.ts";
import { wrapCustomInput } from "../custom-tools.ts";
import {
  invalid,
  isObject,
  optionalArray,
  optionalString,
  readArray,
  readName,
  readObject,
  type Json,
} from "../validate.ts";
import { parseContent, parseText, type ContentPart } from "./parse-content.ts";
import { readReasoning } from "./read-content.ts";
import { readSignature } from "./track-calls.ts";
import type { AssistantPart, Message, TextPart, ToolCallPart, ToolResultPart, UserPart } from "../unified.ts";
import type { Refuse } from "./refuse.ts";

/** `messages`: leading system text apart, one tool message per turn, right after the turn it answers. */
export function parseMessages(value: unknown, refuse: Refuse): { system: TextPart[]; messages: Message[] } {
  const list = readArray(value, "messages");
  if (list.length === 0) throw invalid("messages", "at least one message");
  const system: TextPart[] = [];
  const messages: Message[] = [];
  let isLeading = true;
  /** Where the last turn with calls stands, and the ids of its calls. */
  let turn: { at: number; ids?: Set<string> } = { at: -1 };

  const answer = (result: ToolResultPart): void => {
    const last = messages.at(-1);
    const after = messages[turn.at + 1];
    if (last?.role === "tool") last.content.push(result);
    else if (turn.at < 0 || (result.id !== "" && !turn.ids?.has(result.id)))
      messages.push({ role: "tool", content: [result] });
    // The user spoke between two results: results come first everywhere else.
    else if (after?.role === "tool") after.content.push(result);
    else messages.splice(turn.at + 1, 0, { role: "tool", content: [result] });
  };

  for (const [index, item] of list.entries()) {
    const where = `messages[${index}]`;
    const message = readObject(item, where);
    const isSystem = message.role === "system" || message.role === "developer";
    isLeading &&= isSystem;
    switch (message.role) {
      case "system":
      case "developer": {
        const content = parseText(message.content, `${where}.content`);
        if (isLeading) system.push(...content);
        else if (content.length) messages.push({ role: "system", content });
        break;
      }
      case "user":
        messages.push({ role: "user", content: parseUser(message, where, refuse) });
        break;
      case "assistant": {
        const content = parseAssistant(message, where, refuse);
        // Nothing was said: other protocols refuse empty turns.
        if (content.length === 0) break;
        const calls = content.filter((part) => part.type === "tool-call");
        if (calls.length) turn = { at: messages.length, ids: new Set(calls.map((call) => call.id)) };
        messages.push({ role: "assistant", content });
        break;
      }
      case "tool":
      case "function":
        answer(parseResult(message, where, refuse));
        break;
      default:
        throw invalid(
          `${where}.role`,
          "system, developer, user, assistant, tool or function",
          message.role ?? null,
        );
    }
  }
  return { system, messages };
}

function parseUser(message: Json, where: string, refuse: Refuse): UserPart[] {
  const content = withoutThinking(parseContent(message.content, `${where}.content`, refuse));
  return content.length ? content : [{ type: "text", text: "" }];
}

function parseResult(message: Json, where: string, refuse: Refuse): ToolResultPart {
  return {
    type: "tool-result",
    id: optionalString(message.tool_call_id, `${where}.tool_call_id`) ?? "",
    name: optionalString(message.name, `${where}.name`) ?? "",
    content:
      message.content == null
        ? []
        : withoutThinking(parseContent(message.content, `${where}.content`, refuse)),
  };
}

function parseAssistant(message: Json, where: string, refuse: Refuse): AssistantPart[] {
  const parts: AssistantPart[] = [];
  const [thoughts] = readReasoning(message);
  if (thoughts?.type === "thinking-delta") parts.push({ type: "thinking", text: thoughts.text });
  if (message.content != null) parts.push(...parseContent(message.content, `${where}.content`, refuse));
  const spoken = message.audio == null ? undefined : parseSpoken(message.audio, `${where}.audio`, refuse);
  if (spoken && !parts.some((part) => part.type === "text")) parts.push({ type: "text", text: spoken });
  const refusal = optionalString(message.refusal, `${where}.refusal`);
  if (refusal) parts.push({ type: "text", text: refusal });
  // Pictures the model made, in the form our own answers have.
  if (Array.isArray(message.images)) parts.push(...parseContent(message.images, `${where}.images`, refuse));
  for (const [index, item] of (optionalArray(message.tool_calls, `${where}.tool_calls`) ?? []).entries()) {
    const place = `${where}.tool_calls[${index}]`;
    parts.push(parseCall(readObject(item, place), place));
  }
  if (message.function_call != null) {
    const place = `${where}.function_call`;
    parts.push(parseFunctionCall("", readObject(message.function_call, place), place));
  }
  return parts;
}

/** What the assistant said aloud. Clients that keep the whole message have its words; the id is known to its maker. */
function parseSpoken(value: unknown, where: string, refuse: Refuse): string | undefined {
  const { transcript } = readObject(value, where);
  if (typeof transcript === "string") return transcript;
  refuse(`${where}.id: a spoken answer by its id exists only at its provider`);
  return undefined;
}

function parseCall(call: Json, where: string): ToolCallPart {
  const id = optionalString(call.id, `${where}.id`) ?? "";
  if (isObject(call.custom)) {
    const input = optionalString(call.custom.input, `${where}.custom.input`) ?? "";
    const name = readName(call.custom.name, `${where}.custom.name`);
    return { type: "tool-call", id, name, args: wrapCustomInput(input) };
  }
  const part = parseFunctionCall(id, readObject(call.function, `${where}.function`), `${where}.function`);
  const signature = readSignature(call);
  return signature ? { ...part, signature } : part;
}

function parseFunctionCall(id: string, body: Json, where: string): ToolCallPart {
  const { arguments: args } = body;
  if (args != null && typeof args !== "string" && !isObject(args))
    throw invalid(`${where}.arguments`, "string of JSON", args);
  return { type: "tool-call", id, name: readName(body.name, `${where}.name`), args: toArgsText(args) };
}

/** Only an assistant thinks; from others such a part is text. */
function withoutThinking(parts: ContentPart[]): UserPart[] {
  return parts.map((part) => (part.type === "thinking" ? { type: "text", text: part.text } : part));
}
