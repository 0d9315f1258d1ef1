import { addResults } from "../add-results.ts";
import { pairCalls } from "../tool-ids.ts";
import type { AssistantPart, Message, TextPart, ToolResultPart, UserPart } from "../unified.ts";
import { invalid, isObject, optionalString, readArray, readObject, type Json } from "../validate.ts";
import { isResponsePart, parseModelPart, parseResponsePart, parseUserPart } from "./parse-part.ts";

export interface ParsedContents {
  /** Text of contents with the role "system" that stand before everything else. */
  leading: TextPart[];
  messages: Message[];
}

/** `contents`: a list, one content, or one text. */
export function parseContents(value: unknown): ParsedContents {
  const leading: TextPart[] = [];
  const messages: Message[] = [];
  for (const { content, where } of listContents(value)) {
    const parts = listParts(content, where);
    const role = readRole(content, where);
    if (role === "model")
      addModel(
        messages,
        parts.flatMap(({ part, place }) => parseModelPart(part, place)),
      );
    else if (role === "user") addUser(messages, parts);
    else {
      const texts = parts.flatMap(({ part, place }) => toTexts(part, place));
      if (messages.length === 0) leading.push(...texts);
      else if (texts.length) messages.push({ role: "system", content: texts });
    }
  }
  return { leading, messages: pairCalls(messages) };
}

/** A system prompt: a content, its parts, one part, or a text. */
export function parseSystem(value: unknown, where: string): TextPart[] {
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item: unknown, index) => {
    const place = Array.isArray(value) ? `${where}[${index}]` : where;
    return listParts(item, place).flatMap(({ part, place: at }) => toTexts(part, at));
  });
}

interface PlacedContent {
  content: unknown;
  where: string;
}

function listContents(value: unknown): PlacedContent[] {
  if (value === undefined || value === null) throw invalid("contents", "array", null);
  if (!Array.isArray(value)) return [{ content: value, where: "contents" }];
  return value.map((content: unknown, index) => ({ content, where: `contents[${index}]` }));
}

interface PlacedPart {
  part: unknown;
  place: string;
}

/** The parts of a content; a text, or a part that stands where a content should, is one part. */
export function listParts(content: unknown, where: string): PlacedPart[] {
  if (typeof content === "string") return [{ part: content, place: where }];
  const object = readObject(content, where);
  const { parts } = object;
  if (isObject(parts) || typeof parts === "string") return [{ part: parts, place: `${where}.parts` }];
  if (parts !== undefined && parts !== null) {
    return readArray(parts, `${where}.parts`).map((part, index) => ({
      part,
      place: `${where}.parts[${index}]`,
    }));
  }
  const isPart = Object.keys(object).some((key) => key !== "role" && key !== "parts");
  return isPart ? [{ part: withoutRole(object), place: where }] : [];
}

const withoutRole = ({ role: _role, ...part }: Json): Json => part;

export type Role = "user" | "model" | "system";

/** A missing role is the user's, as in single prompts. */
export function readRole(content: unknown, where: string): Role {
  const role = isObject(content) ? optionalString(content.role, `${where}.role`) : undefined;
  const known = role === undefined || role === "" ? "user" : ROLES.get(role.toLowerCase());
  if (known === undefined) throw invalid(`${where}.role`, '"user" or "model"', role);
  return known;
}

const ROLES = new Map<string, Role>([
  ["user", "user"],
  ["function", "user"],
  ["tool", "user"],
  ["model", "model"],
  ["assistant", "model"],
  ["system", "system"],
]);

function toTexts(part: unknown, where: string): TextPart[] {
  return parseUserPart(part, where).map((item) =>
    item.type === "text" ? item : { type: "text", text: `[${item.mimeType}]` },
  );
}

/** Results go to the turn's one tool message, in front of what the user said along with them. */
function addUser(messages: Message[], placed: PlacedPart[]): void {
  const results: ToolResultPart[] = [];
  const parts: UserPart[] = [];
  for (const { part, place } of placed) {
    if (isResponsePart(part)) results.push(parseResponsePart(part, place));
    else parts.push(...parseUserPart(part, place));
  }
  if (results.length) addResults(messages, results);
  if (parts.length || results.length === 0) messages.push({ role: "user", content: parts });
}

/**
 * Google's SDKs keep every chunk of a stream as a content of its own: contents that follow each other are one turn, a
 * text or thought that one ends with and the next begins with is one, up to the thought's signature.
 */
function addModel(messages: Message[], parts: AssistantPart[]): void {
  const before = messages.at(-1);
  const content: AssistantPart[] = before?.role === "assistant" ? before.content : [];
  const isChunk = content.length > 0;
  for (const [index, part] of parts.entries()) {
    const last = content.at(-1);
    if (last?.type === "thinking" && !last.signature && part.type === "thinking" && !part.redacted) {
      content[content.length - 1] = { ...part, text: last.text + part.text };
    } else if (isChunk && index === 0 && isPlainText(last) && isPlainText(part)) {
      content[content.length - 1] = { ...last, text: last.text + part.text };
    } else content.push(part);
  }
  if (content !== before?.content) messages.push({ role: "assistant", content });
}

const isPlainText = (part: AssistantPart | undefined): part is TextPart =>
  part?.type === "text" && !part.native;
