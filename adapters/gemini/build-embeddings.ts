import type { WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import type { EmbedRequest, EmbedResult } from "../unified.ts";
import { compact, isObject } from "../validate.ts";
import { toModelPath } from "./model-path.ts";
import { readField } from "./read-field.ts";
import { PROTOCOL } from "./wire.ts";

/** Gemini takes at most a hundred at once; OpenAI's clients send up to 2048. */
export function splitEmbedRequest(request: EmbedRequest): EmbedRequest[] {
  const { input } = request;
  if (input.length <= MAX_INPUTS) return [request];
  const own = listOwn(request);
  return Array.from({ length: Math.ceil(input.length / MAX_INPUTS) }, (_, index) => {
    const [from, to] = [index * MAX_INPUTS, (index + 1) * MAX_INPUTS];
    return {
      ...request,
      input: input.slice(from, to),
      ...(own.length > 0 && { extra: { [PROTOCOL]: { requests: own.slice(from, to) } } }),
    };
  });
}

export function buildEmbedRequest(request: EmbedRequest): WireRequest {
  const { model, input, dimensions } = request;
  const path = toModelPath(model, "batchEmbedContents");
  const name = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  const own = listOwn(request);
  const requests = input.map((text, index) => {
    if (typeof text !== "string") {
      throw new GatewayError(
        "unsupported",
        `input[${index}]: token ids cannot be sent to a Gemini provider, only texts`,
      );
    }
    const given = own[index];
    return compact({
      content: { parts: [{ text }] },
      outputDimensionality: dimensions,
      ...(isObject(given) ? given : {}),
      model: name,
    });
  });
  return { method: "POST", path, body: { requests } };
}

/** What a Gemini client said of each, as far as it is not in the unified form. */
function listOwn({ extra }: EmbedRequest): unknown[] {
  const given = extra?.[PROTOCOL]?.requests;
  return Array.isArray(given) ? given : [];
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
  return {
    vectors,
    ...(typeof count === "number" && { inputTokens: count }),
    native: { origin: PROTOCOL, body: { ...answer, embeddings: listed } },
  };
}

const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number");

const MAX_INPUTS = 100;
