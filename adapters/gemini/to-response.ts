import type { FinishReason, Native, UnifiedRequest, Usage } from "../unified.ts";
import { toEnding } from "./finish-reason.ts";
import { toAverage } from "./logprobs.ts";
import { toOwnEnd } from "./native-end.ts";
import { writeUsage } from "./usage.ts";
import type { WireCandidate, WirePart, WireResponse } from "./wire.ts";
import type { PartList } from "./write-parts.ts";
import type { SourceWriter } from "./write-sources.ts";

/** What a wire response says beside its parts. */
export interface Around {
  /** Absent where there is no candidate: the prompt was refused. */
  candidate?: Partial<WireCandidate>;
  response?: Partial<WireResponse>;
}

/** One whole wire response: an answer, or a piece of one. A candidate is never without a part: clients index into them. */
export function toResponse(
  parts: WirePart[],
  ids: { model: string; id: string; index?: number },
  { candidate, response }: Around,
): WireResponse {
  const content = { parts: parts.length ? parts : [{ text: "" }], role: "model" as const };
  return {
    ...(candidate && { candidates: [{ content, ...candidate, index: ids.index ?? 0 }] }),
    ...response,
    modelVersion: ids.model,
    responseId: ids.id,
  };
}

export interface Finish {
  reason: FinishReason;
  refusal: string;
  usage?: Usage;
  native?: Native;
  /** All of the answer's. */
  logprobs: unknown[];
}

/** The last response of an answer: the parts that are left, and all that is said at its end. */
export function toLast(
  { reason, refusal, usage, native, logprobs }: Finish,
  written: { parts: PartList; sources: SourceWriter; request: UnifiedRequest },
): Around & { parts: WirePart[] } {
  const ending = toEnding(reason, refusal);
  if (ending.finishMessage === undefined) written.parts.addText(refusal);
  const parts = written.parts.end();
  const own = toOwnEnd(native, { reason, usage });
  const response = { usageMetadata: writeUsage(usage, written.request), ...own?.response };
  if (own && !own.candidate && own.response.promptFeedback && parts.length === 0) return { parts, response };
  const avgLogprobs = toAverage(logprobs);
  const ours = { ...(avgLogprobs !== undefined && { avgLogprobs }), ...written.sources.end() };
  return { parts, candidate: { ...ending, ...(own?.candidate ?? ours) }, response };
}
