import { toDataUrl } from "../data-url.ts";
import { toThoughtField } from "./thought-field.ts";
import { writeAnnotations } from "./write-annotations.ts";
import { isAudio, writeAudio } from "./write-audio.ts";
import { wantsFunctionCall, writeCall } from "./write-call.ts";
import type { WriteContext } from "../adapter.ts";
import type { MediaPart, UnifiedResult } from "../unified.ts";
import type { WireAnnotation, WireAnswer, WireImage } from "./wire.ts";

/** The message of a whole chat answer. */
export function writeMessage({ content, refusal }: UnifiedResult, context: WriteContext): WireAnswer {
  const { request } = context;
  let text = "";
  let thinking = "";
  let audio: MediaPart | undefined;
  const images: WireImage[] = [];
  const annotations: WireAnnotation[] = [];
  const calls = content.filter((part) => part.type === "tool-call").map((part) => writeCall(part, request));
  for (const part of content) {
    if (part.type === "text") {
      const place = { at: text.length, length: part.text.length };
      annotations.push(...writeAnnotations(part.citations ?? [], place));
      text += part.text;
    } else if (part.type === "thinking") thinking += part.text;
    else if (part.type === "media") {
      if (!audio && isAudio(part)) audio = part;
      else images.push(writeImage(part, images.length));
    }
  }
  const [first] = calls;
  const legacy = wantsFunctionCall(request) && first?.type === "function" ? first.function : undefined;
  return {
    role: "assistant",
    // null where the whole answer is calls or a refusal; clients that show the text cannot read null elsewhere.
    content: text === "" && (calls.length > 0 || refusal !== undefined) ? null : text,
    refusal: refusal ?? null,
    annotations,
    ...(thinking !== "" && { [toThoughtField(request)]: thinking }),
    ...(audio && { audio: writeAudio(audio, text, context) }),
    ...(images.length && { images }),
    ...(legacy ? { function_call: legacy } : calls.length && { tool_calls: calls }),
  };
}

export function writeImage(media: MediaPart, index: number): WireImage {
  return { type: "image_url", index, image_url: { url: toDataUrl(media) } };
}
