import type { WriteContext } from "../adapter.ts";
import type { AssistantPart, UnifiedResult } from "../unified.ts";
import { toEnding } from "./finish-reason.ts";
import { writeLogprobs } from "./logprobs.ts";
import { writeUsage } from "./usage.ts";
import { createParts, toResponse, type PartList } from "./write-parts.ts";

export function writeResponse(result: UnifiedResult, { request, id, newId }: WriteContext): unknown {
  const parts = createParts();
  const isHidden = hidesThoughts(request);
  for (const part of result.content) {
    if (part.type !== "tool-call" || part.id !== "") addPart(parts, part, isHidden);
    else addPart(parts, { ...part, id: `call_${newId()}` }, isHidden);
  }
  const ending = toEnding(result.finishReason, result.refusal ?? "");
  if (ending.finishMessage === undefined) parts.addText(result.refusal ?? "");
  return toResponse(
    parts.take(),
    { model: request.model, id },
    {
      ...ending,
      usageMetadata: writeUsage(result.usage),
      ...(result.logprobs?.length && { logprobsResult: writeLogprobs(result.logprobs) }),
    },
  );
}

/** The client wants thinking but not its text (`includeThoughts: false`); signatures it still has to bring back. */
export const hidesThoughts = ({ thinking }: WriteContext["request"]): boolean =>
  thinking?.mode === "on" && thinking.visible === false;

function addPart(parts: PartList, part: AssistantPart, isHidden: boolean): void {
  switch (part.type) {
    case "text":
      return parts.addText(part.text);
    case "thinking":
      if (!isHidden) parts.addThought(part.text);
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
