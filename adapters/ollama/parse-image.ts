import { mismatch, refuse } from "../go-json.ts";
import type { MediaPart } from "../unified.ts";

/** One entry of `images`: raw base64, of whatever kind; its first bytes tell. Ollama puts sounds here too. */
export function parseImage(value: unknown, path: string): MediaPart | undefined {
  if (value === null) return undefined;
  if (typeof value !== "string") throw mismatch(value, path, "[]uint8");
  const data = /[\r\n]/.test(value) ? value.replace(/[\r\n]+/g, "") : value;
  const bad = findIllegalByte(data);
  if (bad !== -1) throw refuse(`illegal base64 data at input byte ${bad}`);
  return { type: "media", mimeType: sniff(data), source: { kind: "base64", data } };
}

/** Where Go's decoder stops: at the first foreign character, or at the start of a last group without its padding. */
function findIllegalByte(data: string): number {
  const foreign = data.search(/[^A-Za-z0-9+/]/);
  const padding = data.length - foreign;
  const isPadding = foreign === -1 || (padding <= 2 && /^={1,2}$/.test(data.slice(foreign)));
  if (!isPadding) return foreign;
  return data.length % 4 === 0 ? -1 : data.length - (data.length % 4);
}

/** The media type by the first bytes; `image/jpeg` where they tell nothing. */
export function sniff(base64: string): string {
  const head = Buffer.from(base64.slice(0, 24), "base64").toString("latin1");
  for (const [start, mimeType, at8] of MAGIC) {
    if (head.startsWith(start) && (at8 === undefined || head.startsWith(at8, 8))) return mimeType;
  }
  if (head.startsWith("ftyp", 4)) return BRANDS.get(head.slice(8, 12)) ?? "video/mp4";
  return "image/jpeg";
}

const MAGIC: [start: string, mimeType: string, at8?: string][] = [
  ["\x89PNG", "image/png"],
  ["\xff\xd8\xff", "image/jpeg"],
  ["GIF8", "image/gif"],
  ["RIFF", "image/webp", "WEBP"],
  ["RIFF", "audio/wav", "WAVE"],
  ["BM", "image/bmp"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["%PDF", "application/pdf"],
  ["ID3", "audio/mpeg"],
  ["\xff\xfb", "audio/mpeg"],
  ["\xff\xf3", "audio/mpeg"],
  ["OggS", "audio/ogg"],
  ["fLaC", "audio/flac"],
];
const BRANDS = new Map([
  ["avif", "image/avif"],
  ["heic", "image/heic"],
  ["heix", "image/heic"],
  ["mif1", "image/heif"],
  ["M4A ", "audio/mp4"],
]);
