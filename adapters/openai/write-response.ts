import { toDataUrl } from "../data-url.ts";
import { toWireReason } from "./finish-reason.ts";
import { toWireUsage } from "./usage.ts";
import { wantsFunctionCall, writeCall } from "./write-call.ts";
import { writeCompletion } from "./write-completion.ts";
import type { WriteContext } from "../adapter.ts";
import type { MediaPart, UnifiedRequest, UnifiedResult } from "../unified.ts";
import type { WireAnswer, WireImage } from "./wire.ts";

export function writeResponse(result: UnifiedResult, context: WriteContext): unknown {
  if (context.call.variant === "completions") return writeCompletion(result, context);
  const message = writeMessage(result, context.request);
  return {
    id: `chatcmpl-${context.id}`,
    object: "chat.completion",
    created: Math.floor(context.createdAt / 1000),
    model: context.request.model,
    choices: [
      {
        index: 0,
        message,
        logprobs: result.logprobs ? { content: result.logprobs, refusal: null } : null,
        finish_reason: message.function_call ? "function_call" : toWireReason(result.finishReason),
      },
    ],
    usage: toWireUsage(result.usage),
  };
}

export function writeImage(media: MediaPart, index: number): WireImage {
  return { type: "image_url", index, image_url: { url: toDataUrl(media) } };
}

function writeMessage({ content, refusal }: UnifiedResult, request: UnifiedRequest): WireAnswer {
  let text = "";
  let thinking = "";
  const images: WireImage[] = [];
  const calls = content.filter((part) => part.type === "tool-call").map((part) => writeCall(part, request));
  for (const part of content) {
    if (part.type === "text") text += part.text;
    else if (part.type === "thinking") thinking += part.text;
    else if (part.type === "media") images.push(writeImage(part, images.length));
  }
  const [first] = calls;
  const legacy = wantsFunctionCall(request) && first?.type === "function" ? first.function : undefined;
  return {
    role: "assistant",
    // null where the whole answer is calls or a refusal; clients that show the text cannot read null elsewhere.
    content: text === "" && (calls.length > 0 || refusal !== undefined) ? null : text,
    refusal: refusal ?? null,
    ...(thinking !== "" && { reasoning_content: thinking }),
    ...(images.length && { images }),
    ...(legacy ? { function_call: legacy } : calls.length && { tool_calls: calls }),
  };
}
