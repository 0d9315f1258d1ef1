import { normaliseMimeType, parseMediaUrl } from "../data-url.ts";
import {
  compact,
  invalid,
  isObject,
  optionalString,
  readObject,
  readString,
  type Json,
} from "../validate.ts";
import type { MediaPart, TextPart, ThinkingPart } from "../unified.ts";
import type { Refuse } from "./refuse.ts";

export type ContentPart = TextPart | MediaPart | ThinkingPart;

/**
 * `content` of a message: text, or a list of parts. Parts that have no unified form are refused for conversion, not
 * for pass-through.
 */
export function parseContent(value: unknown, where: string, refuse: Refuse): ContentPart[] {
  if (typeof value === "string") return value === "" ? [] : [{ type: "text", text: value }];
  if (!Array.isArray(value)) throw invalid(where, "string or array of parts", value ?? null);
  return value.flatMap((part, index) => parsePart(part, `${where}[${index}]`, refuse) ?? []);
}

/** The text of a message that can hold nothing else: system messages. */
export function parseText(value: unknown, where: string): TextPart[] {
  return parseContent(value, where, () => undefined).filter((part) => part.type === "text");
}

function parsePart(value: unknown, where: string, refuse: Refuse): ContentPart | undefined {
  if (typeof value === "string") return value === "" ? undefined : { type: "text", text: value };
  const part = readObject(value, where);
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text": {
      const text = readString(part.text, `${where}.text`);
      return text === ""
        ? undefined
        : compact<TextPart>({ type: "text", text, cache: part.cache_control ?? undefined });
    }
    case "refusal":
      return { type: "text", text: readString(part.refusal, `${where}.refusal`) };
    case "image_url":
    case "input_image":
      return parseImage(part, where, refuse);
    case "video_url":
      return { type: "media", ...readUrl(part.video_url, `${where}.video_url`, "video/mp4") };
    case "audio_url":
      return { type: "media", ...readUrl(part.audio_url, `${where}.audio_url`, "audio/mpeg") };
    case "input_audio":
      return parseAudio(part.input_audio, `${where}.input_audio`);
    case "file":
      return parseFile(part.file, `${where}.file`, refuse);
    case "thinking":
      return { type: "thinking", text: thinkingText(part.thinking) };
    default:
      refuse(`${where}: content of type ${JSON.stringify(part.type ?? null)} has no form in other protocols`);
      return undefined;
  }
}

function parseImage(part: Json, where: string, refuse: Refuse): MediaPart | undefined {
  if (part.image_url === undefined && typeof part.file_id === "string") {
    refuse(`${where}.file_id: a file by its id exists only at its provider`);
    return undefined;
  }
  const detail = isObject(part.image_url) ? part.image_url.detail : part.detail;
  const { mimeType, source } = readUrl(part.image_url, `${where}.image_url`, "image/*");
  const sniffed =
    source.kind === "base64" && !/^(?:image|audio|video|application\/pdf)/.test(mimeType)
      ? sniff(source.data)
      : undefined;
  return compact<MediaPart>({
    type: "media",
    mimeType: sniffed ?? mimeType,
    source,
    detail: optionalString(detail, `${where}.image_url.detail`),
    cache: part.cache_control ?? undefined,
  });
}

/** A URL as text, or as an object around it. `byDefault`: the type of a URL whose ending tells none. */
function readUrl(value: unknown, where: string, byDefault: string): Pick<MediaPart, "mimeType" | "source"> {
  const url = isObject(value) ? readString(value.url, `${where}.url`) : readString(value, where);
  const media = parseMediaUrl(url);
  return media.mimeType === "image/*" ? { ...media, mimeType: byDefault } : media;
}

function parseAudio(value: unknown, where: string): MediaPart {
  const audio = readObject(value, where);
  const data = readString(audio.data, `${where}.data`);
  const format = (optionalString(audio.format, `${where}.format`) ?? "wav").toLowerCase();
  if (data.startsWith("data:")) return { type: "media", ...parseMediaUrl(data) };
  return {
    type: "media",
    mimeType: format === "mp3" ? "audio/mpeg" : `audio/${format}`,
    source: { kind: "base64", data },
  };
}

function parseFile(value: unknown, where: string, refuse: Refuse): MediaPart | undefined {
  const file = readObject(value, where);
  // By its URL: no field of OpenAI's chat completions, but of their successor.
  const data =
    optionalString(file.file_data, `${where}.file_data`) ??
    optionalString(file.file_url, `${where}.file_url`);
  if (data === undefined) {
    refuse(`${where}.file_id: a file by its id exists only at its provider; expected file_data`);
    return undefined;
  }
  const name = optionalString(file.filename, `${where}.filename`);
  const isUrl = /^(?:data:|https?:)/i.test(data);
  const media = isUrl
    ? parseMediaUrl(data)
    : { mimeType: typeByName(name), source: { kind: "base64" as const, data } };
  const mimeType = media.mimeType === "image/*" ? typeByName(name) : media.mimeType;
  return compact<MediaPart>({ type: "media", ...media, mimeType, name });
}

/** A file is a PDF unless its name tells otherwise: OpenAI took nothing else for long. */
function typeByName(name: string | undefined): string {
  const guess = normaliseMimeType(parseMediaUrl(name ?? "").mimeType);
  return guess === "image/*" ? "application/pdf" : guess;
}

/** Mistral's thinking parts hold parts again. */
function thinkingText(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  return value.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/** The type of a picture whose data URL names none (`data:;base64,…`), by its first bytes. */
function sniff(data: string): string {
  return MAGIC.find(([start]) => data.startsWith(start))?.[1] ?? "image/png";
}

const MAGIC: readonly [string, string][] = [
  ["/9j/", "image/jpeg"],
  ["iVBOR", "image/png"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];
