import { addResults } from "../add-results.ts";
import { toArgsText } from "../call-args.ts";
import { openSignature } from "../signature.ts";
import { pairCalls } from "../tool-ids.ts";
import type { AssistantPart, Message, TextPart, ToolResultPart, UserPart } from "../unified.ts";
import { invalid, readArray, readName, readObject, type Json } from "../validate.ts";
import { toBlockText } from "./block-text.ts";
import { parseBlock, parseContent, parseText, readCache } from "./parse-content.ts";
import { keepOwn, toCallFields } from "./own-fields.ts";
import { readCitation } from "./read-citation.ts";
import { PROTOCOL } from "./wire.ts";

export interface ParsedMessages {
  /** Text of `role: "system"` messages that stand before everything else. */
  leading: TextPart[];
  messages: Message[];
}

export function parseMessages(value: unknown): ParsedMessages {
  const leading: TextPart[] = [];
  const messages: Message[] = [];
  for (const [index, item] of readArray(value, "messages").entries()) {
    const where = `messages[${index}]`;
    const message = readObject(item, where);
    const place = `${where}.content`;
    if (message.role === "user") addUser(messages, message.content, place);
    else if (message.role === "assistant") {
      messages.push({ role: "assistant", content: parseAssistant(message.content, place) });
    } else if (message.role === "system") {
      // Claude Code puts system messages anywhere in the conversation, as text or blocks.
      const content = parseText(message.content, place);
      if (messages.length === 0) leading.push(...content);
      else if (content.length) messages.push({ role: "system", content });
    } else throw invalid(`${where}.role`, '"user", "assistant" or "system"', message.role ?? null);
  }
  return { leading, messages: pairCalls(messages) };
}

/** Results go to the turn's one tool message, in front of what the user said along with them. */
function addUser(messages: Message[], content: unknown, where: string): void {
  if (typeof content === "string") {
    messages.push({ role: "user", content: parseContent(content, where) });
    return;
  }
  const results: ToolResultPart[] = [];
  const parts: UserPart[] = [];
  for (const [index, item] of readArray(content, where).entries()) {
    const place = `${where}[${index}]`;
    const block = readObject(item, place);
    if (block.type === "tool_result") results.push(parseResult(block, place));
    else parts.push(...parseBlock(block, place));
  }
  if (results.length) addResults(messages, results);
  if (parts.length || results.length === 0) messages.push({ role: "user", content: parts });
}

function parseResult(block: Json, where: string): ToolResultPart {
  return {
    type: "tool-result",
    id: readName(block.tool_use_id, `${where}.tool_use_id`),
    name: "",
    content: parseContent(block.content, `${where}.content`),
    ...(block.is_error === true && { isError: true }),
    ...keepOwn({ toolset_name: block.toolset_name }),
    ...readCache(block),
  };
}

function parseAssistant(content: unknown, where: string): AssistantPart[] {
  if (content === undefined || content === null || typeof content === "string") {
    return content ? [{ type: "text", text: content }] : [];
  }
  const parts: AssistantPart[] = [];
  for (const [index, item] of readArray(content, where).entries()) {
    const place = `${where}[${index}]`;
    parts.push(...parseAssistantBlock(readObject(item, place), place));
  }
  return parts;
}

function parseAssistantBlock(block: Json, where: string): AssistantPart[] {
  switch (block.type) {
    case "text": {
      const parts = parseBlock(block, where) as TextPart[];
      const listed: unknown = block.citations;
      const citations = Array.isArray(listed) ? listed.flatMap((citation) => readCitation(citation)) : [];
      return citations.length ? parts.map((part) => ({ ...part, citations })) : parts;
    }
    case "thinking": {
      const text = typeof block.thinking === "string" ? block.thinking : "";
      const { signature } = block;
      const sealed = typeof signature === "string" && signature !== "";
      if (text === "" && !sealed) return [];
      return [{ type: "thinking", text, ...(sealed && { signature: openSignature(signature, PROTOCOL) }) }];
    }
    case "redacted_thinking": {
      if (typeof block.data !== "string" || block.data === "") return [];
      const signature = openSignature(block.data, PROTOCOL);
      return [{ type: "thinking", text: "", redacted: true, signature }];
    }
    case "tool_use": {
      const name = readName(block.name, `${where}.name`);
      const id = typeof block.id === "string" ? block.id : "";
      const own = keepOwn(toCallFields(block));
      return [{ type: "tool-call", id, name, args: toArgsText(block.input), ...own, ...readCache(block) }];
    }
    case "tool_result":
      return [{ type: "text", text: toBlockText(block) }];
    default:
      return parseBlock(block, where);
  }
}
