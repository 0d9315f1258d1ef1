import { isObject, type Json } from "../validate.ts";
import type { StreamEvent, UnifiedRequest } from "../unified.ts";

export interface AudioReader {
  /** The `audio` of one delta or message: its transcript is the answer's text. */
  take: (audio: unknown) => StreamEvent[];
  /** The sound, whole: pieces of it are no files that a client of another protocol could play. */
  end: () => StreamEvent[];
}

export function createAudioReader(request: UnifiedRequest): AudioReader {
  const pieces: string[] = [];
  return {
    take(audio) {
      if (!isObject(audio)) return [];
      const { data, transcript } = audio;
      if (typeof data === "string" && data !== "") pieces.push(data);
      return typeof transcript === "string" && transcript !== ""
        ? [{ type: "text-delta", text: transcript }]
        : [];
    },
    end() {
      const [first] = pieces;
      if (first === undefined) return [];
      const data = pieces.length === 1 ? first : joinBase64(pieces);
      const mimeType = sniff(first) ?? toMimeType(request.extra?.openai?.audio);
      return [{ type: "media", media: { type: "media", mimeType, source: { kind: "base64", data } } }];
    },
  };
}

/** Each piece may end with its own padding. */
const joinBase64 = (pieces: string[]): string =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64"))).toString("base64");

const sniff = (data: string): string | undefined => MAGIC.find(([start]) => data.startsWith(start))?.[1];

/** What the request asked for. Streams are bare samples: 16 bits, one channel, 24 kHz. */
function toMimeType(asked: unknown): string {
  const { format }: Json = isObject(asked) ? asked : {};
  if (typeof format !== "string" || format === "pcm16") return "audio/pcm;rate=24000";
  return format === "mp3" ? "audio/mpeg" : `audio/${format.toLowerCase()}`;
}

const MAGIC: readonly [string, string][] = [
  ["UklGR", "audio/wav"],
  ["SUQz", "audio/mpeg"],
  ["ZkxhQ", "audio/flac"],
  ["T2dnUw", "audio/ogg"],
];
