import { parseMediaUrl } from "../data-url.ts";
import { isObject, type Json } from "../validate.ts";
import type { StreamEvent } from "../unified.ts";

/** `content` of a provider's delta or message: text, or a list of parts (Mistral's thinking models). */
export function readContent(content: unknown): StreamEvent[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text-delta", text: content }];
  if (!Array.isArray(content)) return [];
  return content.flatMap(readPart);
}

/**
 * Thoughts, under any of the names they go by. A provider that gives them under two gives the same text twice, so the
 * first that has text counts.
 */
export function readReasoning(delta: Json): StreamEvent[] {
  for (const value of [delta.reasoning_content, delta.reasoning, delta.thinking, delta.reasoning_details]) {
    const text = typeof value === "string" ? value : readDetails(value);
    if (text !== "") return [{ type: "thinking-delta", text }];
  }
  return [];
}

/** Pictures a model made, as OpenRouter gives them. */
export function readImages(images: unknown): StreamEvent[] {
  return Array.isArray(images) ? images.flatMap(readImage) : [];
}

function readPart(part: unknown): StreamEvent[] {
  if (typeof part === "string") return part === "" ? [] : [{ type: "text-delta", text: part }];
  if (!isObject(part)) return [];
  if (part.type === "thinking") {
    const text = typeof part.thinking === "string" ? part.thinking : readTexts(part.thinking);
    return text === "" ? [] : [{ type: "thinking-delta", text }];
  }
  if (typeof part.refusal === "string") return [{ type: "refusal-delta", text: part.refusal }];
  if (typeof part.text === "string") return part.text === "" ? [] : [{ type: "text-delta", text: part.text }];
  return part.image_url === undefined ? [] : readImage(part);
}

function readImage(image: unknown): StreamEvent[] {
  const source = isObject(image) ? image.image_url : image;
  const url = isObject(source) ? source.url : source;
  return typeof url === "string" && url !== ""
    ? [{ type: "media", media: { type: "media", ...parseMediaUrl(url) } }]
    : [];
}

/** OpenRouter's `reasoning_details`: `{type: "reasoning.text", text}` or `{type: "reasoning.summary", summary}`. */
function readDetails(details: unknown): string {
  if (!Array.isArray(details)) return "";
  return details
    .map((detail) => (isObject(detail) ? textOf(detail.text) || textOf(detail.summary) : ""))
    .join("");
}

function readTexts(parts: unknown): string {
  if (!Array.isArray(parts)) return "";
  return parts.map((part) => (isObject(part) ? textOf(part.text) : textOf(part))).join("");
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
