import type { FinishReason, Native, Usage } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { toFinishReason } from "./finish-reason.ts";
import { mergeFields } from "./merge-fields.ts";
import { readField } from "./read-field.ts";
import { readUsage } from "./usage.ts";
import { PROTOCOL } from "./wire.ts";

/** What Gemini says beside an answer's content, for its own clients: of the candidate and of the response around it. */
export interface NativeEnd {
  candidate?: Json;
  response: Json;
}

export interface EndReader {
  take: (response: Json, candidate: unknown) => void;
  native: () => Native | undefined;
}

/** Gathers it from all chunks; where they repeat a field, the last one counts. */
export function createEndReader(): EndReader {
  let end: NativeEnd | undefined;
  return {
    take(response, candidate) {
      const said = pick(response, RESPONSE_FIELDS);
      const own = isObject(candidate) ? pick(candidate, CANDIDATE_FIELDS) : undefined;
      end = {
        response: { ...end?.response, ...said },
        ...((own ?? end?.candidate) && { candidate: mergeFields(end?.candidate ?? {}, own ?? {}) }),
      };
    },
    native: () => end && { origin: PROTOCOL, body: end },
  };
}

/**
 * The same to be written again: only what still fits the answer, which may have been changed on its way. Undefined where
 * the answer is not Gemini's.
 */
export function toOwnEnd(
  native: Native | undefined,
  answer: { reason: FinishReason; usage?: Usage },
): NativeEnd | undefined {
  if (native?.origin !== PROTOCOL || !isObject(native.body)) return undefined;
  const { candidate, response } = native.body;
  const { usageMetadata, ...rest } = isObject(response) ? response : {};
  const usage = readUsage(usageMetadata, undefined);
  const isSame =
    usage?.inputTokens === answer.usage?.inputTokens && usage?.outputTokens === answer.usage?.outputTokens;
  return {
    response: { ...rest, ...(usage && isSame && { usageMetadata }) },
    ...(isObject(candidate) && { candidate: fitReason(candidate, answer.reason) }),
  };
}

function fitReason(candidate: Json, reason: FinishReason): Json {
  const { finishReason, finishMessage: _message, ...rest } = candidate;
  const fits =
    typeof finishReason === "string" && toFinishReason(finishReason, reason === "tool-calls") === reason;
  return fits ? candidate : rest;
}

function pick(object: Json, names: readonly string[]): Json {
  const picked: Json = {};
  for (const name of names) {
    const value = readField(object, name);
    const isEmpty = isObject(value) && Object.keys(value).length === 0;
    if (value !== undefined && !isEmpty) picked[name] = value;
  }
  return picked;
}

const RESPONSE_FIELDS = ["promptFeedback", "usageMetadata", "modelStatus", "createTime"];
const CANDIDATE_FIELDS = [
  "finishReason",
  "finishMessage",
  "safetyRatings",
  "citationMetadata",
  "groundingMetadata",
  "groundingAttributions",
  "urlContextMetadata",
  "avgLogprobs",
  "tokenCount",
  "continuationToken",
];
