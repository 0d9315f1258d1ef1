import type { BuildOptions, WireRequest } from "../adapter.ts";
import { GatewayError } from "../errors.ts";
import type { Output, Sampling, UnifiedRequest } from "../unified.ts";
import { compact, isObject, type Json } from "../validate.ts";
import { buildContents } from "./build-contents.ts";
import { buildThinking } from "./build-thinking.ts";
import { buildToolConfig, buildTools, createToolNames } from "./build-tools.ts";
import { toModelFacts } from "./model-facts.ts";
import { toModelPath } from "./model-path.ts";
import { toGeminiSchema } from "./to-gemini-schema.ts";
import { PROTOCOL, type WireContent } from "./wire.ts";

export function buildRequest(request: UnifiedRequest, _options?: BuildOptions): WireRequest {
  const dropped = new Set<string>();
  const drop = (what: string): void => void dropped.add(what);
  const own = request.extra?.[PROTOCOL] ?? {};
  const facts = toModelFacts(request.model);
  const names = createToolNames(request);
  const tools = buildTools(request, names, drop);
  const format = buildFormat(request.output, tools !== undefined, drop);
  const system = [...(request.system ?? []).map((part) => part.text), ...format.instructions];
  const contents = buildContents(request, { names, facts, drop });
  const generationConfig = compact({
    ...(isObject(own.generationConfig) ? own.generationConfig : {}),
    ...buildSampling(request.sampling ?? {}, drop),
    ...format.config,
    ...(request.logprobs && { responseLogprobs: true, logprobs: request.logprobs.top }),
    thinkingConfig: buildThinking(request, facts, drop),
  });
  if ((request.choices ?? 1) > 1) drop("more than one choice");
  const body = compact({
    ...own,
    ...placeSystem(system, contents),
    tools,
    toolConfig: buildToolConfig(request, names, drop),
    generationConfig: Object.keys(generationConfig).length ? generationConfig : undefined,
  });
  const action = request.stream ? "streamGenerateContent?alt=sse" : "generateContent";
  const path = toModelPath(request.model, action);
  return { method: "POST", path, body, ...(dropped.size && { dropped: [...dropped] }) };
}

/** Gemini wants a user turn: a request that is all system prompt becomes one. */
function placeSystem(system: string[], contents: WireContent[]): Json {
  const parts = system.filter((text) => text.trim() !== "").map((text) => ({ text }));
  if (contents.length) return compact({ contents, systemInstruction: parts.length ? { parts } : undefined });
  if (parts.length) return { contents: [{ role: "user", parts }] };
  throw new GatewayError("invalid-request", "messages: expected at least one with content", {
    param: "messages",
  });
}

function buildSampling(sampling: Sampling, drop: (what: string) => void): Json {
  const { temperature, topP, topK, seed, maxTokens, presencePenalty, frequencyPenalty } = sampling;
  if (sampling.minP !== undefined) drop("min_p");
  if (sampling.repeatPenalty !== undefined) drop("repeat_penalty");
  const stop = (sampling.stop ?? []).filter((text) => text !== "");
  if (stop.length > MAX_STOPS) drop(`stop sequences beyond ${MAX_STOPS}`);
  return compact({
    temperature,
    topP,
    topK,
    seed,
    maxOutputTokens: maxTokens,
    stopSequences: stop.length ? stop.slice(0, MAX_STOPS) : undefined,
    presencePenalty,
    frequencyPenalty,
  });
}

/** "Function calling with a response mime type: 'application/json' is unsupported", so it is told in words then. */
function buildFormat(
  output: Output | undefined,
  hasTools: boolean,
  drop: (what: string) => void,
): { config: Json; instructions: string[] } {
  if (!output) return { config: {}, instructions: [] };
  const schema = output.type === "json-schema" ? output.schema : undefined;
  if (!hasTools) {
    const responseJsonSchema = schema && toGeminiSchema(schema);
    return {
      config: compact({ responseMimeType: "application/json", responseJsonSchema }),
      instructions: [],
    };
  }
  drop(
    `${schema ? "response schema" : "JSON mode"} (told in the prompt: Gemini takes none along with tools)`,
  );
  const rule = schema ? ` It must match this JSON Schema:\n${JSON.stringify(schema)}` : "";
  return { config: {}, instructions: [`${JSON_ONLY}${rule}`] };
}

const JSON_ONLY =
  "When you give your final answer, give one JSON value only: no text before or after it, no code fence.";
const MAX_STOPS = 5;
