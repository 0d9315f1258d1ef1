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
  oneOf,
  string,
  type Frame,
  type WireRules,
} from "./schema.ts";

/**
 * Gemini, after `GenerateContentResponse` of the SDK `@google/genai`. There everything is optional; here what every
 * answer of the API has is required: proto3 leaves out only what is empty.
 */
const usageMetadata = object(
  { promptTokenCount: count, candidatesTokenCount: count, totalTokenCount: count },
  { cachedContentTokenCount: count, thoughtsTokenCount: count, toolUsePromptTokenCount: count },
);
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
const rare = {
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
    { details: array(object({ "@type": { type: "string", pattern: "^type\\.googleapis\\.com/" } })) },
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
      { usageMetadata },
    ),
    error: failure,
  },
  kindOf: ({ error }) => (error === undefined ? "chunk" : "error"),
  error: failure,
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  const chunks = frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [data]));
  chunks.forEach((chunk, index) => {
    const isLast = index === chunks.length - 1;
    if (chunk.error !== undefined) return must(isLast, "something comes after the error");
    const [first] = chunk.candidates as Json[];
    must((first?.finishReason !== undefined) === isLast, "finishReason belongs to the last chunk alone");
    must(!isLast || chunk.usageMetadata !== undefined, "no usageMetadata in the last chunk");
  });
  const heads = chunks.filter(({ error }) => error === undefined);
  must(new Set(heads.map(({ responseId }) => responseId)).size < 2, "responseId changes");
}
