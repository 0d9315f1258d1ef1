import { toSeconds } from "./answer-head.ts";
import type { WriteContext } from "../adapter.ts";
import type { MediaPart } from "../unified.ts";
import type { WireAudio } from "./wire.ts";

/** A message has room for one sound, as data; others stand among the pictures. */
export const isAudio = ({ mimeType, source }: MediaPart): boolean =>
  mimeType.startsWith("audio/") && source.kind === "base64";

/** What the model said aloud. `transcript`: the answer's text. Nothing is kept by that id: it is past at once. */
export function writeAudio({ source }: MediaPart, transcript: string, context: WriteContext): WireAudio {
  return {
    id: `audio_${context.newId()}`,
    data: source.kind === "base64" ? source.data : "",
    expires_at: toSeconds(context.createdAt),
    transcript,
  };
}
