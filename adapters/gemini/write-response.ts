import type { WriteContext } from "../adapter.ts";
import type { AssistantPart, UnifiedResult } from "../unified.ts";
import { writeLogprobs } from "./logprobs.ts";
import { toLast, toResponse } from "./to-response.ts";
import { PROTOCOL, type WireResponse } from "./wire.ts";
import { createParts, type PartList } from "./write-parts.ts";
import { createSourceWriter, type SourceWriter } from "./write-sources.ts";

export function writeResponse(result: UnifiedResult, context: WriteContext): WireResponse {
  return writeCandidate(result, context, 0);
}

/** The answer as a response of its own; `index` tells several answers to one request apart. */
export function writeCandidate(
  { content, finishReason, refusal = "", logprobs = [], usage, native }: UnifiedResult,
  { request, id, newId }: WriteContext,
  index: number,
): WireResponse {
  const parts = createParts({ hidesThoughts: hidesThoughts(request) });
  const sources = createSourceWriter();
  for (const part of content) {
    if (part.type !== "tool-call" || part.id !== "") addPart(part, parts, sources);
    else addPart({ ...part, id: `call_${newId()}` }, parts, sources);
  }
  const last = toLast(
    { reason: finishReason, refusal, usage, native, logprobs },
    { parts, sources, request },
  );
  const scored = logprobs.length ? { logprobsResult: writeLogprobs(logprobs) } : {};
  return toResponse(
    last.parts,
    { model: request.model, id, index },
    { ...last, ...(last.candidate && { candidate: { ...scored, ...last.candidate } }) },
  );
}

/** Thoughts are shown to those who ask for them alone; signatures everybody has to bring back. */
export const hidesThoughts = ({ thinking }: WriteContext["request"]): boolean =>
  thinking?.mode !== "on" || thinking.visible === false;

function addPart(part: AssistantPart, parts: PartList, sources: SourceWriter): void {
  switch (part.type) {
    case "text": {
      const { text, citations = [], native } = part;
      if (native?.origin === PROTOCOL) return parts.addNative(native);
      parts.addText(text);
      sources.addText(text, citations, parts.endText(text));
      return;
    }
    case "thinking":
      parts.addThought(part.text);
      if (part.signature) parts.addSeal(part.signature, part.redacted);
      return;
    case "tool-call":
      return parts.addCall(part);
    case "media":
      return parts.addMedia(part);
    default:
      part satisfies never;
  }
}
