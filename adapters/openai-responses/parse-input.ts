import { toArgsText } from "../call-args.ts";
import { wrapCustomInput } from "../custom-tools.ts";
import { parseMediaUrl } from "../data-url.ts";
import { openSignature } from "../signature.ts";
import type {
  AssistantPart,
  Message,
  Native,
  TextPart,
  ThinkingPart,
  ToolResultPart,
  UserPart,
} from "../unified.ts";
import {
  invalid,
  isObject,
  optionalString,
  readArray,
  readName,
  readObject,
  type Json,
  toWord,
} from "../validate.ts";
import { findCalled } from "./built-in-tools.ts";
import { openCompaction, TRIGGER } from "./compaction.ts";
import { parseContent, splitText } from "./parse-content.ts";
import { openReasoning } from "./reasoning-seal.ts";
import { clientToolName, TOOL_ITEMS, type ToolTable } from "./tool-table.ts";
import { PROTOCOL, type Notes } from "./wire.ts";

export interface ParsedInput {
  system: TextPart[];
  messages: Message[];
}

/** `instructions` and `input` as messages. Items that nothing else understands are noted and left out. */
export function parseInput(body: Json, table: ToolTable, notes: Notes): ParsedInput {
  const parsed: ParsedInput = { system: [], messages: [] };
  const instructions = optionalString(body.instructions, "instructions");
  if (instructions) parsed.system.push({ type: "text", text: instructions });
  if (body.input === undefined || body.input === null) {
    // The conversation so far may lie at the provider.
    if (STATEFUL.some((field) => body[field] != null)) return parsed;
    throw invalid("input", "string or array of items", body.input ?? null);
  }
  if (typeof body.input === "string") {
    parsed.messages.push({ role: "user", content: [{ type: "text", text: body.input }] });
    return parsed;
  }
  if (!Array.isArray(body.input)) throw invalid("input", "string or array of items", body.input);
  readArray(body.input, "input").forEach((item, index) => {
    const where = `input[${index}]`;
    takeItem(readObject(item, where), { parsed, table, notes, where });
  });
  return parsed;
}

interface Place {
  parsed: ParsedInput;
  table: ToolTable;
  notes: Notes;
  where: string;
}

function takeItem(item: Json, place: Place): void {
  const { parsed, table, notes, where } = place;
  const type = itemType(item);
  if (type === "message") return takeMessage(item, place);
  if (type === "tool_search_output" && item.execution !== "server")
    return pushResult(parsed, toFound(item, table));
  if (TOOL_ITEMS.has(type) || type === TRIGGER) return;
  if (type === "reasoning") {
    const part = parseReasoning(item, place);
    if (part) pushAssistant(parsed, [part]);
    return;
  }
  if (type === "function_call" || type === "custom_tool_call") {
    const namespace = optionalString(item.namespace, `${where}.namespace`);
    const name = table.toName(readName(item.name, `${where}.name`), namespace);
    const args =
      type === "function_call"
        ? toArgsText(item.arguments)
        : wrapCustomInput(typeof item.input === "string" ? item.input : JSON.stringify(item.input ?? ""));
    return pushAssistant(parsed, [{ type: "tool-call", id: callId(item), name, args }]);
  }
  const called = findCalled(item) ?? OTHER_CALLS.get(type);
  if (called) {
    const args = toArgsText(item[called.field]);
    const call = { type: "tool-call" as const, id: callId(item), name: called.name, args };
    return pushAssistant(parsed, [{ ...call, native: toNative(item) }]);
  }
  if (isResultItem(type)) {
    const namespace = typeof item.namespace === "string" ? item.namespace : undefined;
    const name = typeof item.name === "string" ? table.toName(item.name, namespace) : "";
    const content = parseOutput(item.output, `${where}.output`, notes);
    const failed = item.status === "failed" && { isError: true };
    const native = !RESULTS.has(type) && { native: toNative(item) };
    return pushResult(parsed, { type: "tool-result", id: callId(item), name, content, ...failed, ...native });
  }
  if (type === "image_generation_call" && typeof item.result === "string") {
    const mimeType = `image/${typeof item.output_format === "string" ? item.output_format : "png"}`;
    return pushAssistant(parsed, [
      { type: "media", mimeType, source: { kind: "base64", data: item.result } },
    ]);
  }
  if (type === "compaction" || type === "compaction_summary") {
    const summary = openCompaction(item);
    if (summary !== undefined) {
      parsed.messages.push({ role: "user", content: [{ type: "text", text: summary }] });
      return;
    }
    const reason = `${where}: a compaction item holds earlier turns in a form only its own provider can read; send the turns themselves`;
    notes.onlyNative.push({ reason, param: where });
  }
  // Found in an answer of its provider, and the same to it as before.
  pushAssistant(parsed, [{ type: "text", text: "", native: toNative(item) }]);
  notes.foreign.push(type);
}

const toNative = (item: Json): Native => ({ origin: PROTOCOL, body: item });

/** An item's type; messages may leave it out. */
export function itemType(item: Json): string {
  if (typeof item.type === "string") return item.type;
  return item.role === undefined && typeof item.id === "string" ? "item_reference" : "message";
}

/** Does an item of this type become part of a message (or is it a message itself)? */
export function isTurnItem(type: string): boolean {
  return (
    type === "message" ||
    type === "function_call" ||
    type === "custom_tool_call" ||
    type === "reasoning" ||
    type === "image_generation_call" ||
    type === "tool_search_call" ||
    type === "tool_search_output" ||
    type === "compaction" ||
    isClientCall(type) ||
    isResultItem(type)
  );
}

const isClientCall = (type: string): boolean => findCalled({ type }) !== undefined || OTHER_CALLS.has(type);
const isResultItem = (type: string): boolean =>
  type.endsWith("_output") && (RESULTS.has(type) || isClientCall(type.slice(0, -"_output".length)));

function takeMessage(item: Json, { parsed, notes, where }: Place): void {
  const parts = parseContent(item.content, `${where}.content`, notes);
  switch (item.role) {
    case "user":
      if (parts.length) parsed.messages.push({ role: "user", content: parts });
      return;
    case "assistant":
      return pushAssistant(parsed, typeof item.phase === "string" ? toPhased(parts, item) : parts);
    case "system":
    case "developer": {
      const { text, media } = splitText(parts);
      if (parsed.messages.length === 0) parsed.system.push(...text);
      else if (text.length) parsed.messages.push({ role: "system", content: text });
      if (media.length) parsed.messages.push({ role: "user", content: media });
      return;
    }
    default:
      throw invalid(`${where}.role`, `"user", "assistant", "system" or "developer"`, item.role ?? null);
  }
}

/** OpenAI's models do worse when they do not read again which of their messages was the final one. */
function toPhased(parts: UserPart[], item: Json): UserPart[] {
  return parts.map((part, index) => ({
    ...part,
    native: { origin: PROTOCOL, body: index ? undefined : item },
  }));
}

function parseReasoning(item: Json, { notes, where }: Place): ThinkingPart | undefined {
  const textOf = (field: "summary" | "content"): string =>
    splitText(parseContent(item[field], `${where}.${field}`, notes))
      .text.map((part) => part.text)
      .join("\n\n");
  const text = textOf("summary") || textOf("content");
  const sealed = optionalString(item.encrypted_content, `${where}.encrypted_content`);
  if (sealed) return { type: "thinking", text, ...openReasoning(openSignature(sealed, PROTOCOL)) };
  return text === "" ? undefined : { type: "thinking", text };
}

function parseOutput(output: unknown, where: string, notes: Notes): UserPart[] {
  if (typeof output === "string") return [{ type: "text", text: output }];
  if (output === undefined || output === null) return [];
  if (Array.isArray(output) && output.every((part) => isObject(part) && typeof part.type === "string")) {
    return parseContent(output, where, notes);
  }
  if (isObject(output) && typeof output.image_url === "string") {
    return [{ type: "media", ...parseMediaUrl(output.image_url) }];
  }
  return [{ type: "text", text: JSON.stringify(output) }];
}

/** What a search for tools found: they are listed with the others from now on. */
function toFound(item: Json, table: ToolTable): ToolResultPart {
  const names = toToolNames(item.tools, table);
  const text = names.length ? `Found, and ready to be called: ${names.join(", ")}` : "No tools were found.";
  return {
    type: "tool-result",
    id: callId(item),
    name: "tool_search",
    content: [{ type: "text", text }],
    native: toNative(item),
  };
}

function toToolNames(list: unknown, table: ToolTable, namespace?: string): string[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap((tool) => {
    if (tool.type === "namespace") return toToolNames(tool.tools, table, toWord(tool.name));
    const name = clientToolName(tool);
    return typeof name === "string" ? [table.toName(name, namespace)] : [];
  });
}

function pushAssistant(parsed: ParsedInput, parts: AssistantPart[]): void {
  const last = parsed.messages.at(-1);
  if (last?.role === "assistant") last.content.push(...parts);
  else parsed.messages.push({ role: "assistant", content: [...parts] });
}

function pushResult(parsed: ParsedInput, part: ToolResultPart): void {
  const last = parsed.messages.at(-1);
  if (last?.role === "tool") last.content.push(part);
  else parsed.messages.push({ role: "tool", content: [part] });
}

const callId = (item: Json): string => {
  const id = item.call_id ?? item.id;
  return typeof id === "string" ? id : "";
};

/** Fields that say where the rest of the conversation is stored. */
export const STATEFUL = ["previous_response_id", "conversation", "prompt"] as const;

const RESULTS = new Set(["function_call_output", "custom_tool_call_output"]);

/** Calls of other built-in tools that the client runs, which no model of another provider can be offered. */
const OTHER_CALLS: ReadonlyMap<string, { name: string; field: string }> = new Map([
  ["computer_call", { name: "computer", field: "action" }],
]);
