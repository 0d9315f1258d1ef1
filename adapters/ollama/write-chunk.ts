import type { WriteContext } from "../adapter.ts";
import { completeArgs, toArgsObject } from "../call-args.ts";
import { writeGoJson } from "../go-encode.ts";
import { toGoTime } from "../go-time.ts";
import type { FinishReason, MediaPart, Usage } from "../unified.ts";
import { compact } from "../validate.ts";
import { toDoneReason } from "./finish-reason.ts";
import type { OllamaMessage, OllamaMetrics, OllamaToolCall } from "./wire.ts";

/** What one wire object says: a piece of the answer, its end, or (not streamed) both. */
export interface Chunk {
  content?: string;
  thinking?: string;
  images?: string[];
  toolCalls?: OllamaToolCall[];
  logprobs?: unknown[];
  end?: { reason: FinishReason; metrics: OllamaMetrics; generateContext?: number[] };
}

/** One wire object of `/api/chat` or `/api/generate`, keys in Ollama's order. */
export function writeChunk(chunk: Chunk, context: WriteContext): Record<string, unknown> {
  const head = { model: context.request.model, created_at: toGoTime(context.now()) };
  const done = { done: Boolean(chunk.end), done_reason: chunk.end && toDoneReason(chunk.end.reason) };
  const { content = "", thinking, images, toolCalls, logprobs, end } = chunk;
  if (context.call.variant === "generate") {
    const answer = { ...head, response: content, thinking, ...done, context: end?.generateContext };
    return compact({ ...answer, ...end?.metrics, tool_calls: toolCalls, images, logprobs });
  }
  const message: OllamaMessage = compact({
    role: "assistant",
    content,
    thinking,
    images,
    tool_calls: toolCalls,
  });
  return compact({ ...head, message, ...done, logprobs, ...end?.metrics });
}

/** The line of a piece of text in `/api/chat`, put together from what all of them share: the same as the plain way. */
export function createTextLines(context: WriteContext): (content: string) => string {
  const head = `{"model":${writeGoJson(context.request.model)},"created_at":"`;
  return (content) =>
    `${head}${toGoTime(context.now())}","message":{"role":"assistant","content":${writeGoJson(content)}},"done":false}\n`;
}

/** A whole call; Ollama never writes pieces of one. `index` counts the calls of the answer. */
export function writeCall(
  call: { id: string; name: string; args: string },
  index: number,
  context: WriteContext,
): OllamaToolCall {
  const id = call.id || `call_${toCallId(context.newId())}`;
  return { id, function: { index, name: call.name, arguments: toArgsObject(completeArgs(call.args)) } };
}

export const toCallId = (random: string): string => random.slice(0, 8).toLowerCase();

/** A picture in the answer: base64 goes to `images`, an address can only be text. */
export const writeMedia = (media: MediaPart): Chunk =>
  media.source.kind === "base64" ? { images: [media.source.data] } : { content: `![](${media.source.url})` };

/**
 * Counts and durations of a finished answer. Nothing is loaded here, and a clock may stand still for a whole answer;
 * a duration is 1 ns then, since clients divide by it and Ollama's own clients expect all of them.
 */
export function writeMetrics(
  usage: Usage | undefined,
  times: { createdAt: number; firstAt?: number; endedAt: number },
): OllamaMetrics {
  const firstAt = times.firstAt ?? times.createdAt;
  return compact({
    total_duration: toNanoseconds(times.endedAt - times.createdAt),
    load_duration: 1,
    prompt_eval_count: usage?.inputTokens || undefined,
    prompt_eval_duration: toNanoseconds(firstAt - times.createdAt),
    eval_count: usage?.outputTokens || undefined,
    eval_duration: toNanoseconds(times.endedAt - firstAt),
  });
}

export const toNanoseconds = (milliseconds: number): number => Math.max(1, Math.round(milliseconds * 1e6));
