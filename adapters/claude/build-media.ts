import { toMediaKind } from "../data-url.ts";
import type { MediaPart } from "../unified.ts";
import type { WireDocument, WireImage, WireText } from "./wire.ts";

/** An image or document block; what Claude cannot read becomes a text that says so, and is reported to `drop`. */
export function buildMedia(
  part: MediaPart,
  drop: (what: string) => void,
): WireImage | WireDocument | WireText {
  const { mimeType, source, name } = part;
  const cache = part.cache === undefined ? {} : { cache_control: part.cache };
  const title = name === undefined ? {} : { title: name };
  if (source.kind === "url") {
    const from = { type: "url", url: source.url } as const;
    const fetchable = /^https?:/i.test(source.url);
    if (fetchable && toMediaKind(mimeType) === "image") return { type: "image", source: from, ...cache };
    if (fetchable && mimeType === "application/pdf") {
      return { type: "document", source: from, ...title, ...cache };
    }
    drop(`${mimeType} by URL`);
    return { type: "text", text: `[${name ?? mimeType}: ${source.url}]`, ...cache };
  }
  const from = { type: "base64", media_type: mimeType, data: source.data } as const;
  if (IMAGES.has(mimeType)) return { type: "image", source: from, ...cache };
  if (mimeType === "application/pdf") return { type: "document", source: from, ...title, ...cache };
  if (mimeType.startsWith("text/") || TEXTS.has(mimeType)) {
    const data = Buffer.from(source.data, "base64").toString("utf8");
    if (data.trim() === "") return { type: "text", text: `[${name ?? mimeType}: empty]`, ...cache };
    return { type: "document", source: { type: "text", media_type: "text/plain", data }, ...title, ...cache };
  }
  drop(`${mimeType} input`);
  return { type: "text", text: `[${name ?? mimeType} left out: this model reads no ${mimeType}]`, ...cache };
}

const IMAGES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
const TEXTS = new Set([
  "application/json",
  "application/xml",
  "application/javascript",
  "application/x-yaml",
]);
