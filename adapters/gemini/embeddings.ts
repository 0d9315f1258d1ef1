import type { Call, EmbedContext } from "../adapter.ts";
import type { EmbedRequest, EmbedResult } from "../unified.ts";
import {
  compact,
  invalid,
  isObject,
  optionalInteger,
  readArray,
  readObject,
  unknownFields,
  type Json,
} from "../validate.ts";
import { readModelName } from "./model-path.ts";
import { listParts } from "./parse-contents.ts";
import { parseUserPart } from "./parse-part.ts";
import { bothSpellings, readField } from "./read-field.ts";
import { readNumber } from "./read-number.ts";
import { PROTOCOL } from "./wire.ts";

/**
 * `:embedContent` with one content, or by `call.variant` `:batchEmbedContents` with several requests. Gemini's own
 * providers get the contents as they are.
 */
export function parseEmbedRequest(value: unknown, call: Call): EmbedRequest {
  const body = readObject(value, "body");
  const isBatch = call.variant === "batch-embed";
  const placed = isBatch
    ? readArray(body.requests, "requests").map((item, index) => {
        const where = `requests[${index}]`;
        return { request: readObject(item, where), where: `${where}.` };
      })
    : [{ request: body, where: "" }];
  if (placed.length === 0) throw invalid("requests", "at least one request", []);
  const read = placed.map(({ request, where }) => readOne(request, where));
  const [dimensions] = read.map((one) => one.dimensions);
  const differs = read.some((one) => one.dimensions !== dimensions);
  return compact<EmbedRequest>({
    model: readModelName(call),
    input: read.map(({ text }) => text),
    dimensions: differs ? undefined : dimensions,
    nativeOnly: differs ? SAME_SIZE : read.find(({ nativeOnly }) => nativeOnly)?.nativeOnly,
    extra: { [PROTOCOL]: { requests: read.map(({ own }) => own) } },
  });
}

interface One {
  text: string;
  dimensions?: number;
  nativeOnly?: string;
  /** Of the client's request what a Gemini provider gets: all but the model. */
  own: Json;
}

function readOne(request: Json, where: string): One {
  const content = request.content ?? request.contents;
  const place = `${where}content`;
  if (content === undefined || content === null) throw invalid(place, "content", null);
  const dimensions = optionalInteger(
    readNumber(readField(request, "outputDimensionality")),
    `${where}outputDimensionality`,
  );
  const parts = listParts(content, place).flatMap((item) =>
    parseUserPart(item.part, item.place).map((part) => ({ part, place: item.place })),
  );
  const other = parts.find(({ part }) => part.type !== "text");
  const isContent = isObject(content) && Array.isArray(content.parts);
  return {
    text: parts.map(({ part }) => (part.type === "text" ? part.text : `[${part.mimeType}]`)).join("\n"),
    dimensions,
    nativeOnly: other && `${other.place}: only texts can be embedded by this model's provider`,
    own: compact({
      ...unknownFields(request, KNOWN),
      ...(isContent && { content }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    }),
  };
}

export function writeEmbedResponse(
  { vectors, inputTokens, native }: EmbedResult,
  _request: EmbedRequest,
  { call }: EmbedContext,
): Json {
  const own = native?.origin === PROTOCOL && isObject(native.body) ? native.body : undefined;
  const listed: unknown[] = Array.isArray(own?.embeddings)
    ? own.embeddings
    : vectors.map((values) => ({ values }));
  const usage = own ? own.usageMetadata : toUsage(inputTokens);
  return compact({
    ...(call.variant === "batch-embed" ? { embeddings: listed } : { embedding: listed[0] ?? { values: [] } }),
    usageMetadata: usage,
  });
}

const toUsage = (tokens: number | undefined): Json | undefined =>
  tokens === undefined
    ? undefined
    : { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] };

const SAME_SIZE = "requests: outputDimensionality must be the same in all of them for this model's provider";
const KNOWN = bothSpellings("model", "content", "contents", "outputDimensionality", "requests");
