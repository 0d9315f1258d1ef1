import { normaliseMimeType, parseMediaUrl } from "../data-url.ts";
import type { MediaPart, TextPart, UserPart } from "../unified.ts";
import { invalid, isObject, readArray, readObject, readString, type Json } from "../validate.ts";
import { toBlockText } from "./block-text.ts";
import { firstWord } from "./first-word.ts";
import { PROTOCOL } from "./wire.ts";

/** Content of a user turn or a tool result: text and media. Blocks that are neither become what can be read of them. */
export function parseContent(content: unknown, where: string, depth = 0): UserPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  const parts: UserPart[] = [];
  for (const [index, block] of readArray(content, where).entries()) {
    const place = `${where}[${index}]`;
    parts.push(...parseBlock(readObject(block, place), place, depth));
  }
  return parts;
}

/** Like `parseContent` where only text may stand: system prompts. */
export function parseText(content: unknown, where: string): TextPart[] {
  return parseContent(content, where).map((part) => {
    const { cache } = part;
    const text = part.type === "text" ? part.text : `[${part.mimeType}]`;
    return { type: "text", text, ...(cache !== undefined && { cache }) };
  });
}

export function parseBlock(block: Json, where: string, depth = 0): UserPart[] {
  const parts = readBlock(block, where, depth);
  const cache = readCache(block);
  const last = parts.at(-1);
  if (last && cache.cache !== undefined) parts[parts.length - 1] = { ...last, ...cache };
  return parts;
}

export const readCache = (block: Json): { cache?: unknown } =>
  isObject(block.cache_control) ? { cache: block.cache_control } : {};

function readBlock(block: Json, where: string, depth: number): UserPart[] {
  switch (block.type) {
    case "text": {
      const text = readString(block.text, `${where}.text`);
      return text === "" ? [] : [{ type: "text", text }];
    }
    case "image":
      return asRead(block, [parseSource(block, where)]);
    case "document":
      return asRead(block, parseDocument(block, where, depth));
    case "tool_reference":
      // Goes back as what it was only where the tool is still there to be loaded.
      return [{ type: "text", text: toBlockText(block) }];
    default:
      return asRead(block, [{ type: "text", text: toBlockText(block) }]);
  }
}

/** The parts of a block that says more than they do keep it for a Claude provider. */
function asRead(block: Json, parts: UserPart[]): UserPart[] {
  const source = isObject(block.source) ? block.source.type : undefined;
  const isWhole =
    parts.every((part) => part.type === "media") &&
    (source === "base64" || source === "url") &&
    !saysMore(block);
  if (isWhole || typeof block.type !== "string") return parts;
  return parts.map((part, index) => ({
    ...part,
    native: { origin: PROTOCOL, body: index === 0 ? block : undefined },
  }));
}

const saysMore = (block: Json): boolean =>
  Object.entries(block).some(([key, value]) => value !== null && value !== undefined && !MODELLED.has(key));

function parseDocument(block: Json, where: string, depth: number): UserPart[] {
  const source = readObject(block.source, `${where}.source`);
  const title = typeof block.title === "string" && block.title !== "" ? block.title : undefined;
  const heading = [title, block.context].filter((text) => typeof text === "string" && text !== "").join("\n");
  if (source.type === "text") {
    const text = readString(source.data, `${where}.source.data`);
    return [{ type: "text", text: heading === "" ? text : `${heading}\n\n${text}` }];
  }
  if (source.type === "content") {
    if (depth > MAX_DEPTH) throw invalid(where, "no further document inside documents");
    const parts = parseContent(source.content, `${where}.source.content`, depth + 1);
    return heading === "" ? parts : [{ type: "text", text: heading }, ...parts];
  }
  const media = parseSource(block, where);
  if (media.type === "text") return [media];
  const part: MediaPart = title === undefined ? media : { ...media, name: title };
  return typeof block.context === "string" && block.context !== ""
    ? [{ type: "text", text: block.context }, part]
    : [part];
}

function parseSource(block: Json, where: string): MediaPart | TextPart {
  const source = readObject(block.source, `${where}.source`);
  const fallback = block.type === "document" ? "application/pdf" : "image/*";
  if (source.type === "url") {
    const media = parseMediaUrl(readString(source.url, `${where}.source.url`));
    return { type: "media", ...media, mimeType: media.mimeType === "image/*" ? fallback : media.mimeType };
  }
  if (source.type === "base64") {
    const data = readString(source.data, `${where}.source.data`);
    const mimeType = typeof source.media_type === "string" ? source.media_type : fallback;
    return { type: "media", mimeType: normaliseMimeType(mimeType), source: { kind: "base64", data } };
  }
  // A file of Anthropic's Files API: nobody else can fetch it.
  return {
    type: "text",
    text: `[${firstWord(block.type)}: file ${firstWord(source.file_id, "of an unknown kind")}]`,
  };
}

const MODELLED = new Set(["type", "source", "title", "cache_control"]);
/** Documents may hold documents, but no honest ones do so deeper. */
const MAX_DEPTH = 8;
