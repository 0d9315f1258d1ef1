import type { Call, EmbedContext, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
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
import { readModelName, toModelPath } from "./model-path.ts";
import { listParts } from "./parse-contents.ts";
import { parseUserPart } from "./parse-part.ts";
import { bothSpellings, readField } from "./read-field.ts";
import { PROTOCOL } from "./wire.ts";

/** `:embedContent` with one content, or by `call.variant` `:batchEmbedContents` with several requests. */
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
  const sizes = placed.map(({ request, where }) =>
    optionalInteger(readField(request, "outputDimensionality"), `${where}outputDimensionality`),
  );
  const [dimensions] = sizes;
  if (sizes.some((size) => size !== dimensions)) {
    throw new GatewayError("unsupported", "requests: outputDimensionality must be the same in all of them", {
      param: "requests",
    });
  }
  const requests = placed.map(({ request }) => unknownFields(request, KNOWN) ?? {});
  return compact<EmbedRequest>({
    model: readModelName(call),
    input: placed.map(({ request, where }) =>
      readText(request.content ?? request.contents, `${where}content`),
    ),
    dimensions,
    // The task and title of each.
    extra: requests.some((extra) => Object.keys(extra).length) ? { [PROTOCOL]: { requests } } : undefined,
  });
}

function readText(content: unknown, where: string): string {
  if (content === undefined || content === null) throw invalid(where, "content", null);
  const texts = listParts(content, where).flatMap(({ part, place }) =>
    parseUserPart(part, place).map((item) => {
      if (item.type === "text") return item.text;
      throw new GatewayError("unsupported", `${place}: only texts can be embedded, got ${item.mimeType}`, {
        param: place,
      });
    }),
  );
  return texts.join("\n");
}

export function writeEmbedResponse(
  result: EmbedResult,
  _request: EmbedRequest,
  { call }: EmbedContext,
): Json {
  const embeddings = result.vectors.map((values) => ({ values }));
  return call.variant === "batch-embed" ? { embeddings } : { embedding: embeddings[0] ?? { values: [] } };
}

export function buildEmbedRequest({ model, input, dimensions, extra }: EmbedRequest): WireRequest {
  const path = toModelPath(model, "batchEmbedContents");
  const name = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  const given = extra?.[PROTOCOL]?.requests;
  const extras: unknown[] = Array.isArray(given) ? given : [];
  const requests = input.map((text, index) => {
    if (typeof text !== "string") {
      throw new GatewayError(
        "unsupported",
        `input[${index}]: token ids cannot be sent to a Gemini provider, only texts`,
      );
    }
    const own = extras[index];
    return compact({
      ...(isObject(own) ? own : {}),
      model: name,
      content: { parts: [{ text }] },
      outputDimensionality: dimensions,
    });
  });
  return { method: "POST", path, body: { requests } };
}

export function parseEmbedResponse(body: unknown, request: EmbedRequest): EmbedResult {
  const answer = isObject(body) ? body : {};
  const listed: unknown[] = Array.isArray(answer.embeddings) ? answer.embeddings : [answer.embedding];
  const vectors = listed.flatMap((item) => (isObject(item) && isVector(item.values) ? [item.values] : []));
  if (vectors.length !== request.input.length) {
    throw new GatewayError("upstream", "the provider's answer does not hold one embedding for each input");
  }
  const usage = readField(answer, "usageMetadata");
  const count = isObject(usage) ? readField(usage, "promptTokenCount") : undefined;
  return { vectors, ...(typeof count === "number" && { inputTokens: count }) };
}

const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number");

const KNOWN = bothSpellings("model", "content", "contents", "outputDimensionality", "requests");
