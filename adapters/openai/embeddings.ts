import { GatewayError } from "../errors.ts";
import {
  compact,
  invalid,
  isObject,
  optionalInteger,
  optionalString,
  readName,
  readObject,
  unknownFields,
} from "../validate.ts";
import type { EmbedRequest, EmbedResult } from "../unified.ts";
import type { WireRequest } from "../adapter.ts";

export function parseEmbedRequest(body: unknown): EmbedRequest {
  const json = readObject(body, "body");
  const encoding = optionalString(json.encoding_format, "encoding_format")?.toLowerCase();
  if (encoding !== undefined && encoding !== "float" && encoding !== "base64") {
    throw invalid("encoding_format", '"float" or "base64"', json.encoding_format);
  }
  const extra = unknownFields(json, KNOWN);
  return compact<EmbedRequest>({
    model: readName(json.model, "model"),
    input: readInput(json.input),
    dimensions: optionalInteger(json.dimensions, "dimensions"),
    encoding,
    extra: extra && { openai: extra },
  });
}

export function writeEmbedResult(result: EmbedResult, request: EmbedRequest): unknown {
  const tokens = result.inputTokens ?? 0;
  return {
    object: "list",
    data: result.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: request.encoding === "base64" ? encodeVector(vector) : vector,
    })),
    model: request.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

export function buildEmbedRequest({ model, input, dimensions, extra }: EmbedRequest): WireRequest {
  const body = compact({ ...extra?.openai, model, input, dimensions, encoding_format: "float" });
  return { method: "POST", path: "/v1/embeddings", body };
}

export function parseEmbedResult(body: unknown, request: EmbedRequest): EmbedResult {
  const json = isObject(body) ? body : {};
  const entries = Array.isArray(json.data) ? json.data.filter(isObject) : [];
  const vectors = entries
    .map((entry, place) => ({
      index: typeof entry.index === "number" ? entry.index : place,
      vector: decodeVector(entry.embedding),
    }))
    .sort((a, b) => a.index - b.index)
    .map(({ vector }) => vector);
  if (vectors.length !== request.input.length) {
    throw new GatewayError(
      "upstream",
      `the provider answered with ${vectors.length} embeddings, expected ${request.input.length}`,
    );
  }
  const usage = isObject(json.usage) ? json.usage : {};
  const tokens = usage.prompt_tokens ?? usage.total_tokens;
  return { vectors, ...(typeof tokens === "number" && { inputTokens: tokens }) };
}

function readInput(value: unknown): (string | number[])[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid("input", "string, or a non-empty array of strings or token ids", value ?? null);
  }
  if (isTokens(value)) return [value];
  return value.map((item: unknown, index) => {
    if (typeof item === "string") return item;
    if (isTokens(item)) return item;
    throw invalid(`input[${index}]`, "string or array of token ids", item ?? null);
  });
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === "number");
}

/** Little-endian 32-bit floats, as OpenAI's SDKs ask for. */
function encodeVector(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

function decodeVector(value: unknown): number[] {
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "base64");
    return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
  }
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value;
  throw new GatewayError("upstream", "the provider's answer holds an embedding that is no list of numbers");
}

const KNOWN: ReadonlySet<string> = new Set(["model", "input", "dimensions", "encoding_format"]);
