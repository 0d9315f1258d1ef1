import type { Message, UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/router.ts";
import { isForeign, type ChatWork } from "./chat-work.ts";

/** How a candidate is asked, for what its model lacks. */
export interface Manner {
  /** Tools are emulated. */
  emulate: boolean;
  /** Thinking is not asked for. */
  unthinking: boolean;
  /** Images are replaced by a text. */
  imageless: boolean;
  /** JSON is asked for in the prompt. */
  jsonless: boolean;
}

/** How a candidate is asked at first, by what is known of its model. */
export async function toManner(work: ChatWork, candidate: Candidate): Promise<Manner> {
  const { request, exchange } = work;
  const { limits, features } = exchange.deps;
  const { providerId, model } = candidate;
  const mode = toolsMode(work, candidate);
  const tools = hasTools(request);
  const thinks = request.thinking?.mode === "on";
  const images = request.messages.some(hasImage);
  const output = request.output !== undefined;
  const matters = !work.untouched && ((tools && mode === "auto") || thinks || images || output);
  const { lacks, configured } = matters ? await features.find(candidate) : NOTHING_KNOWN;
  // A client of the provider's own protocol asked for just this, and is told so in its own protocol, unless the
  // configuration knows better.
  const changes = (isForeign(work, candidate) || configured) && request.nativeOnly === undefined;
  return {
    emulate:
      tools &&
      (mode === "compat" ||
        (mode === "auto" && (lacks.has("tools") || limits.lacks("tools", providerId, model)))),
    unthinking:
      thinks &&
      ((isForeign(work, candidate) && lacks.has("thinking")) || limits.lacks("thinking", providerId, model)),
    imageless: changes && images && lacks.has("vision"),
    jsonless: changes && output && lacks.has("json"),
  };
}

/** Past calls and results need emulation too, even when a turn offers no tools. */
export const hasTools = (request: UnifiedRequest): boolean =>
  Boolean(request.tools?.length) || request.messages.some((message) => message.role === "tool");

/** The path's word counts before the target's. */
export const toolsMode = (work: ChatWork, candidate: Candidate): Candidate["tools"] =>
  work.exchange.compat ? "compat" : candidate.tools;

function hasImage(message: Message): boolean {
  switch (message.role) {
    case "tool":
      return message.content.some((result) => result.content.some(isImage));
    case "user":
    case "assistant":
      return message.content.some(isImage);
    default:
      return false;
  }
}

const isImage = (part: { type: string; mimeType?: string }): boolean =>
  part.type === "media" && part.mimeType?.startsWith("image/") === true;

const NOTHING_KNOWN = { lacks: new Set<string>(), configured: false };
