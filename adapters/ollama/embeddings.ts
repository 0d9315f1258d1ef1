import type { Call, EmbedContext, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import { goBoolean, goInteger, goObject, goString, readGoBody, refuse } from "../go-json.ts";
import { readName } from "../model-tag.ts";
import type { EmbedRequest, EmbedResult } from "../unified.ts";
import { compact, isObject, unknownFields } from "../validate.ts";
import { parseKeepAlive } from "./parse-keep-alive.ts";
import { parseOptions } from "./parse-options.ts";
import { toNanoseconds } from "./write-chunk.ts";

/** `/api/embed`, or by `call.variant` the older `/api/embeddings` with its one prompt. */
export function parseEmbedRequest(body: unknown, call: Call): EmbedRequest {
  const old = call.variant === "embeddings";
  const from = readGoBody(body, old ? "EmbeddingRequest" : "EmbedRequest");
  const model = readName(from, "model");
  const prompt = goString(from, "prompt") ?? "";
  const options = goObject(from, "options", "map[string]interface {}");
  parseOptions(options);
  parseKeepAlive(from.fields.keep_alive);
  if (!old) goBoolean(from, "truncate");
  const dimensions = goInteger(from, "dimensions");
  if (model === "") {
    if (old) throw refuse("model is required");
    throw new GatewayError("not-found", "model '' not found", { code: "model_not_found", param: "" });
  }
  return compact({
    model,
    input: old ? (prompt === "" ? [] : [prompt]) : parseInput(from.fields.input),
    dimensions: dimensions && dimensions > 0 ? dimensions : undefined,
    extra: { ollama: { ...unknownFields(from.fields, KNOWN) } },
  });
}

/** Nothing to embed: the model would only be loaded. Nobody needs to be asked. */
export function answerEmbedDirectly(request: EmbedRequest, call: Call): Record<string, unknown> | undefined {
  if (request.input.length) return undefined;
  return call.variant === "embeddings" ? { embedding: [] } : { model: request.model, embeddings: [] };
}

/** `/api/embed` gives vectors of length 1, cut to the dimensions asked for; `/api/embeddings` as the model made it. */
export function writeEmbedResponse(
  result: EmbedResult,
  request: EmbedRequest,
  context: EmbedContext,
): Record<string, unknown> {
  if (context.call.variant === "embeddings") return { embedding: result.vectors[0] ?? [] };
  const duration = toNanoseconds(context.elapsedMs);
  return compact({
    model: request.model,
    embeddings: result.vectors.map((vector) => normalise(vector.slice(0, request.dimensions))),
    total_duration: result.vectors.length ? duration : undefined,
    load_duration: result.vectors.length ? 1 : undefined,
    prompt_eval_count: result.inputTokens || undefined,
  });
}

export function buildEmbedRequest(request: EmbedRequest): WireRequest {
  if (request.input.some((input) => typeof input !== "string")) {
    throw new GatewayError(
      "unsupported",
      "input: token lists cannot be sent to an Ollama provider, only texts",
    );
  }
  const { model, input, dimensions, extra } = request;
  return {
    method: "POST",
    path: "/api/embed",
    body: compact({ ...extra?.ollama, model, input, dimensions }),
  };
}

export function parseEmbedResponse(body: unknown, request: EmbedRequest): EmbedResult {
  const vectors = isObject(body) ? (body.embeddings ?? (body.embedding && [body.embedding])) : undefined;
  if (!Array.isArray(vectors) || !vectors.every(isVector) || vectors.length !== request.input.length) {
    throw new GatewayError("upstream", "the provider's answer does not hold one embedding for each input");
  }
  const count = isObject(body) ? body.prompt_eval_count : undefined;
  return { vectors, ...(typeof count === "number" && { inputTokens: count }) };
}

function parseInput(value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw refuse("invalid input type");
}

function normalise(vector: number[]): number[] {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  // Vectors that are normalised already stay as they are, digit for digit.
  if (length === 0 || Math.abs(length - 1) < 1e-6) return vector;
  return vector.map((value) => toSingle(value / length));
}

/** The shortest number that means the same in single precision, which is what Ollama calculates with. */
function toSingle(value: number): number {
  const single = Math.fround(value);
  for (let digits = 7; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number");

const KNOWN = new Set(["model", "input", "prompt", "dimensions"]);
