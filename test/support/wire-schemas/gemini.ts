import type { Json } from "../../../adapters/validate.ts";
import {
  anyObject,
  array,
  count,
  is,
  must,
  name,
  number,
  object,
  openObject,
  oneOf,
  string,
  type Frame,
  type WireRules,
} from "./schema.ts";

/**
 * Gemini, after `GenerateContentResponse` of the SDK `@google/genai`. There everything is optional; here what every
 * answer of the API has is required: proto3 leaves out only what is empty.
 */
const modalities = array(
  object({ modality: oneOf("TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"), tokenCount: count }),
);
const candidatesTokenCount = count;
const counted = { promptTokenCount: count, totalTokenCount: count };
const counts = {
  cachedContentTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
  promptTokensDetails: modalities,
  cacheTokensDetails: modalities,
  candidatesTokensDetails: modalities,
  toolUsePromptTokensDetails: modalities,
  trafficType: name,
  serviceTier: name,
};
const usageMetadata = object({ ...counted, candidatesTokenCount }, counts);
/** Exactly one kind of data in each, perhaps signed. */
const kinds = {
  text: string,
  inlineData: object({ mimeType: name, data: string }),
  fileData: object({ fileUri: name }, { mimeType: name }),
  functionCall: object({ name, args: anyObject }, { id: name }),
  functionResponse: object({ name, response: anyObject }, { id: name }),
  executableCode: anyObject,
  codeExecutionResult: anyObject,
};
const part = {
  ...object(
    {},
    { ...kinds, thought: is(true), thoughtSignature: { type: "string", pattern: "^[A-Za-z0-9+/=_-]+$" } },
  ),
  oneOf: Object.keys(kinds).map((kind) => ({ required: [kind] })),
};
const finishReason = oneOf(
  "STOP",
  "MAX_TOKENS",
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MALFORMED_FUNCTION_CALL",
  "IMAGE_SAFETY",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "IMAGE_PROHIBITED_CONTENT",
  "NO_IMAGE",
  "IMAGE_RECITATION",
  "IMAGE_OTHER",
  "CONTINUATION",
  "MALFORMED_RESPONSE",
);
const scored = object({ token: string, logProbability: number }, { tokenId: count });
const candidate = {
  // Clients index into the parts.
  content: object({ role: is("model"), parts: { ...array(part), minItems: 1 } }),
  index: is(0),
};
const grounding = object(
  {},
  {
    groundingChunks: array(anyObject),
    groundingSupports: array(
      object(
        { segment: object({}, { startIndex: count, endIndex: count, partIndex: count, text: string }) },
        { groundingChunkIndices: array(count), confidenceScores: array(number) },
      ),
    ),
    webSearchQueries: array(string),
    searchEntryPoint: anyObject,
    retrievalMetadata: anyObject,
  },
);
const rare = {
  groundingMetadata: grounding,
  citationMetadata: anyObject,
  urlContextMetadata: anyObject,
  avgLogprobs: number,
  safetyRatings: array(anyObject),
  finishMessage: string,
  logprobsResult: object(
    {},
    { chosenCandidates: array(scored), topCandidates: array(object({ candidates: array(scored) })) },
  ),
};
const one = (item: Record<string, unknown>): Record<string, unknown> => ({
  ...array(item),
  minItems: 1,
  maxItems: 1,
});
const head = { modelVersion: name, responseId: name };

/** https://cloud.google.com/apis/design/errors */
const failure = object({
  error: object(
    {
      code: { type: "integer", minimum: 400, maximum: 599 },
      message: name,
      status: oneOf(
        "INVALID_ARGUMENT",
        "FAILED_PRECONDITION",
        "OUT_OF_RANGE",
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "NOT_FOUND",
        "ABORTED",
        "ALREADY_EXISTS",
        "RESOURCE_EXHAUSTED",
        "CANCELLED",
        "DATA_LOSS",
        "UNKNOWN",
        "INTERNAL",
        "UNIMPLEMENTED",
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
      ),
    },
    { details: array(openObject({ "@type": { type: "string", pattern: "^type\\.googleapis\\.com/" } })) },
  ),
});

export const gemini: WireRules = {
  framing: "sse",
  contentTypes: {
    whole: /^application\/json; charset=UTF-8$/i,
    stream: /^text\/event-stream(?:; ?charset=utf-8)?$/i,
    error: /^application\/json; charset=UTF-8$/i,
  },
  whole: object({ ...head, usageMetadata, candidates: one(object({ ...candidate, finishReason }, rare)) }),
  frames: {
    chunk: object(
      { ...head, candidates: one(object(candidate, { ...rare, finishReason })) },
      // Before the answer ends, only the prompt is counted.
      { usageMetadata: object(counted, { ...counts, candidatesTokenCount }) },
    ),
    error: failure,
  },
  kindOf: ({ error }) => (error === undefined ? "chunk" : "error"),
  error: failure,
  checkSequence,
};

/** Without `alt=sse` the chunks are the items of one array. */
export const geminiArray: WireRules = {
  ...gemini,
  framing: "array",
  contentTypes: { ...gemini.contentTypes, stream: gemini.contentTypes.whole },
};

function checkSequence(frames: Frame[]): void {
  const chunks = frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [data]));
  chunks.forEach((chunk, index) => {
    const isLast = index === chunks.length - 1;
    if (chunk.error !== undefined) return must(isLast, "something comes after the error");
    const [first] = chunk.candidates as Json[];
    must((first?.finishReason !== undefined) === isLast, "finishReason belongs to the last chunk alone");
    const counts = (chunk.usageMetadata ?? {}) as Json;
    must(!isLast || counts.candidatesTokenCount !== undefined, "no usageMetadata in the last chunk");
  });
  const heads = chunks.filter(({ error }) => error === undefined);
  must(new Set(heads.map(({ responseId }) => responseId)).size < 2, "responseId changes");
}
