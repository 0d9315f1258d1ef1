import { toDataUrl, toMediaKind } from "../data-url.ts";
import type { MediaPart, TextPart } from "../unified.ts";
import type { BuildContext } from "./build-context.ts";
import type { WirePart } from "./wire.ts";

/**
 * Content as one text where it is nothing else, because not every provider reads lists of parts; "" where nothing is
 * left. Texts are separated by `between`.
 */
export function buildContent(
  parts: (TextPart | MediaPart)[],
  context: BuildContext,
  between = "\n\n",
): string | WirePart[] {
  const filled = parts.filter((part) => part.type !== "text" || part.text !== "");
  const marked = context.quirks.cacheControl && filled.some((part) => part.cache !== undefined);
  const isText = filled.every((part): part is TextPart => part.type === "text");
  if (isText && !marked) return (filled as TextPart[]).map((part) => part.text).join(between);
  return filled.map((part) => buildPart(part, context));
}

function buildPart(part: TextPart | MediaPart, context: BuildContext): WirePart {
  if (part.type === "media") return buildMedia(part, context);
  const marked = context.quirks.cacheControl && part.cache !== undefined;
  return { type: "text", text: part.text, ...(marked && { cache_control: part.cache }) };
}

function buildMedia(part: MediaPart, { dropped }: BuildContext): WirePart {
  const url = toDataUrl(part);
  switch (toMediaKind(part.mimeType)) {
    case "image":
      return {
        type: "image_url",
        image_url: { url, ...(part.detail !== undefined && { detail: part.detail }) },
      };
    case "video":
      return { type: "video_url", video_url: { url } };
    case "audio":
      if (part.source.kind === "base64") {
        return {
          type: "input_audio",
          input_audio: { data: part.source.data, format: toFormat(part.mimeType) },
        };
      }
      dropped.push("audio by URL");
      return { type: "text", text: `[audio: ${url}]` };
    default:
      return buildDocument(part, url);
  }
}

/** Plain text goes as text, which every model reads; other documents as files. */
function buildDocument(part: MediaPart, url: string): WirePart {
  if (part.mimeType.startsWith("text/") && part.source.kind === "base64") {
    const text = Buffer.from(part.source.data, "base64").toString("utf8");
    return { type: "text", text: part.name === undefined ? text : `${part.name}:\n${text}` };
  }
  const ending = part.mimeType.slice(part.mimeType.indexOf("/") + 1);
  return { type: "file", file: { filename: part.name ?? `document.${ending}`, file_data: url } };
}

function toFormat(mimeType: string): string {
  const format = mimeType.slice(mimeType.indexOf("/") + 1).replace(/^x-|;.*$/g, "");
  return format === "mpeg" ? "mp3" : format;
}
