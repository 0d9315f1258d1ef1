import { normaliseMimeType, parseMediaUrl } from "../data-url.ts";
import type { MediaPart, TextPart, UserPart } from "../unified.ts";
import { isObject, readArray, readObject, readString, type Json, toWord } from "../validate.ts";
import { parseAnnotations } from "./annotations.ts";
import type { Notes } from "./wire.ts";

/** The content of a message or of a tool's output: a string, or a list of parts. Unknown parts are noted, not refused. */
export function parseContent(content: unknown, where: string, notes: Notes): UserPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return readArray(content, where).flatMap((item, index) => {
    const at = `${where}[${index}]`;
    if (typeof item === "string") return [{ type: "text" as const, text: item }];
    const part = readObject(item, at);
    return parsePart(part, at, notes) ?? unread(part, notes);
  });
}

/** The text of parts that can be nothing else (system messages); the rest is given back apart. */
export function splitText(parts: UserPart[]): { text: TextPart[]; media: MediaPart[] } {
  return {
    text: parts.filter((part) => part.type === "text"),
    media: parts.filter((part) => part.type === "media"),
  };
}

function parsePart(part: Json, where: string, notes: Notes): UserPart[] | undefined {
  switch (part.type) {
    case "output_text": {
      const citations = parseAnnotations(part.annotations);
      const text = readString(part.text, `${where}.text`);
      return [{ type: "text", text, ...(citations.length && { citations }) }];
    }
    case "input_text":
    case "text":
    case "summary_text":
    case "reasoning_text":
      return [{ type: "text", text: readString(part.text, `${where}.text`) }];
    case "refusal":
      return [{ type: "text", text: readString(part.refusal, `${where}.refusal`) }];
    case "input_image":
    case "computer_screenshot":
      return parseImage(part, where, notes);
    case "input_file":
      return parseFile(part, where, notes);
    case "input_audio":
      return parseAudio(part, where);
    default:
      return undefined;
  }
}

function parseImage(part: Json, where: string, notes: Notes): UserPart[] {
  // The chat completions form `{url}` is accepted too.
  const url = isObject(part.image_url) ? part.image_url.url : part.image_url;
  if (url === undefined || url === null) return storedFile(part, where, notes, "image_url");
  const media = parseMediaUrl(readString(url, `${where}.image_url`));
  // Servers that guess nothing from a bare data URL still must be told it is an image.
  const mimeType = media.mimeType.startsWith("image/") ? media.mimeType : "image/*";
  const detail = typeof part.detail === "string" ? { detail: part.detail } : {};
  return [{ type: "media", mimeType, source: media.source, ...detail }];
}

function parseFile(part: Json, where: string, notes: Notes): UserPart[] {
  const name = typeof part.filename === "string" ? part.filename : undefined;
  const named = name === undefined ? {} : { name };
  if (typeof part.file_url === "string") {
    const { mimeType, source } = parseMediaUrl(part.file_url);
    return [{ type: "media", mimeType: orPdf(mimeType), source, ...named }];
  }
  if (part.file_data === undefined || part.file_data === null) {
    return storedFile(part, where, notes, "file_data or file_url");
  }
  const data = readString(part.file_data, `${where}.file_data`);
  if (/^data:/i.test(data)) return [{ type: "media", ...parseMediaUrl(data), ...named }];
  const mimeType = orPdf(parseMediaUrl(name ?? "").mimeType);
  return [{ type: "media", mimeType, source: { kind: "base64", data }, ...named }];
}

function parseAudio(part: Json, where: string): UserPart[] {
  const audio = readObject(part.input_audio, `${where}.input_audio`);
  const data = readString(audio.data, `${where}.input_audio.data`);
  const format = typeof audio.format === "string" ? audio.format : "wav";
  const mimeType = normaliseMimeType(format === "mp3" ? "audio/mpeg" : `audio/${format}`);
  return [{ type: "media", mimeType, source: { kind: "base64", data } }];
}

/** A file that lies at the provider: nobody else can read it. */
function storedFile(part: Json, where: string, notes: Notes, expected: string): UserPart[] {
  if (part.file_id === undefined || part.file_id === null) {
    readString(undefined, `${where}.${expected}`);
  }
  const param = `${where}.file_id`;
  const reason = `${param}: a file stored at a provider can only be read there; send its content instead`;
  notes.onlyNative.push({ reason, param });
  notes.unread.push("file_id");
  return [];
}

function unread(part: Json, notes: Notes): UserPart[] {
  if (typeof part.text === "string") return [{ type: "text", text: part.text }];
  notes.unread.push(toWord(part.type ?? "content part"));
  return [];
}

/** Files without a telling name are documents, not the images that bare URLs are taken for. */
const orPdf = (mimeType: string): string => (mimeType === "image/*" ? "application/pdf" : mimeType);
