import type { WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import type { EmbedRequest, EmbedResult } from "../unified.ts";
import { compact, isObject } from "../validate.ts";

/** Providers of this protocol embed at the same place and in the same form as in chat completions. */
export function buildEmbeddings({ model, input, dimensions }: EmbedRequest): WireRequest {
  const body = compact({ model, input, dimensions, encoding_format: "float" });
  return { method: "POST", path: "/v1/embeddings", body };
}

export function parseEmbeddings(body: unknown, request: EmbedRequest): EmbedResult {
  const data: unknown[] = isObject(body) && Array.isArray(body.data) ? body.data : [];
  const vectors: number[][] = [];
  data.forEach((item, position) => {
    const index = isObject(item) && typeof item.index === "number" ? item.index : position;
    const vector = isObject(item) ? toVector(item.embedding) : undefined;
    if (vector && index >= 0 && index < request.input.length) vectors[index] = vector;
  });
  const missing = request.input.findIndex((_, index) => vectors[index] === undefined);
  if (missing !== -1) {
    throw new GatewayError("upstream", `the provider's answer has no embedding for input ${missing}`);
  }
  const usage = isObject(body) && isObject(body.usage) ? body.usage : {};
  const inputTokens = usage.prompt_tokens;
  return { vectors, ...(typeof inputTokens === "number" && { inputTokens }) };
}

/** A list of numbers, or base64 of 32-bit floats from providers that send nothing else. */
function toVector(value: unknown): number[] | undefined {
  if (Array.isArray(value)) return value.every((number) => typeof number === "number") ? value : undefined;
  if (typeof value !== "string") return undefined;
  const bytes = Buffer.from(value, "base64");
  const vector: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) vector.push(bytes.readFloatLE(at));
  return vector;
}
