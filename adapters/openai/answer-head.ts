import type { WriteContext } from "../adapter.ts";

/** What every chunk of a chat answer begins with, in OpenAI's order. The answer itself has the last two at its end. */
export function toChatHead(context: WriteContext, object: "chat.completion" | "chat.completion.chunk") {
  return {
    id: `chatcmpl-${context.id}`,
    object,
    created: toSeconds(context.createdAt),
    model: context.request.model,
    ...SERVED,
  };
}

/** The same of `/v1/completions`, where a chunk looks like the answer. */
export function toCompletionHead(context: WriteContext) {
  return {
    id: `cmpl-${context.id}`,
    object: "text_completion",
    created: toSeconds(context.createdAt),
    model: context.request.model,
    system_fingerprint: SERVED.system_fingerprint,
  };
}

export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** OpenAI always says how it served an answer. A tier asked for reaches no other provider, so it is the default one. */
const SERVED = { service_tier: "default", system_fingerprint: "fp_ccproxy" };
