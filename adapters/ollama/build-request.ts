import type { BuildOptions, WireRequest } from "../adapter.ts";
import { toEffort, toKnownEffort } from "../effort.ts";
import type { Output, Sampling, Thinking, UnifiedRequest } from "../unified.ts";
import { compact, type Json } from "../validate.ts";
import { buildContent, buildMessages, buildSystem } from "./build-messages.ts";
import { buildTools } from "./build-tools.ts";
import { readExtra } from "./read-extra.ts";
import type { OllamaExtra } from "./wire.ts";

/**
 * `/api/chat`, or `/api/generate` for what only that has (raw prompts, a suffix, a template, tokens of an earlier
 * answer). `quirks.numCtx` is the context length to ask for where the request names none: Ollama's own default cuts
 * long prompts without a word.
 */
export function buildRequest(request: UnifiedRequest, options: BuildOptions = {}): WireRequest {
  const { load: _load, render: _render, generate, options: own, ...extra } = readExtra(request);
  const dropped = new Set<string>();
  const common = compact({
    stream: request.stream,
    format: buildFormat(request.output),
    options: buildOptions(request.sampling, own, options.quirks?.numCtx),
    think: buildThink(request.thinking),
    logprobs: request.logprobs ? true : undefined,
    top_logprobs: request.logprobs?.top,
  });
  if (request.choices !== undefined && request.choices > 1) dropped.add("n");
  if (request.serverTools) {
    for (const tool of request.serverTools)
      if (tool.origin !== "ollama") dropped.add(`server tool ${tool.name}`);
  }
  const rest = generate
    ? buildGenerate(request, generate, dropped)
    : { messages: buildMessages(request, dropped), tools: placeTools(request, dropped) };
  return {
    method: "POST",
    path: generate ? "/api/generate" : "/api/chat",
    body: compact({ ...extra, model: request.model, ...rest, ...common }),
    ...(dropped.size && { dropped: [...dropped] }),
  };
}

function buildGenerate(
  request: UnifiedRequest,
  generate: NonNullable<OllamaExtra["generate"]>,
  dropped: Set<string>,
): Json {
  const last = request.messages.findLast((message) => message.role === "user");
  const { content, images } = buildContent(last?.role === "user" ? last.content : [], dropped);
  const system = buildSystem(request.system);
  if (generate.raw && system !== undefined) dropped.add("system prompt (raw mode)");
  return compact({
    ...generate,
    // With a suffix the message holds the task in words, for those who know no suffix; raw is to the letter.
    prompt: generate.suffix !== undefined || generate.raw ? generate.prompt : content,
    system: generate.raw ? undefined : system,
    images,
  });
}

function placeTools(request: UnifiedRequest, dropped: Set<string>): readonly unknown[] | undefined {
  if (request.toolChoice === "none") return undefined;
  const native = (request.serverTools ?? [])
    .filter((tool) => tool.origin === "ollama")
    .map((tool) => tool.body);
  const built = buildTools(request.tools ?? []);
  const tools = native.length ? [...built, ...native] : built;
  if (tools.length === 0) return undefined;
  if (request.toolChoice !== undefined && request.toolChoice !== "auto") dropped.add("tool_choice");
  if (request.parallelTools === false) dropped.add("parallel_tool_calls: false");
  return tools;
}

function buildOptions(sampling: Sampling = {}, own: Json | undefined, numCtx: unknown): Json | undefined {
  const options = compact({
    ...(typeof numCtx === "number" && { num_ctx: numCtx }),
    ...own,
    num_predict: sampling.maxTokens ?? own?.num_predict,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK ?? own?.top_k,
    min_p: sampling.minP,
    seed: sampling.seed ?? own?.seed,
    stop: sampling.stop,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    repeat_penalty: sampling.repeatPenalty,
  });
  return Object.keys(options).length ? options : undefined;
}

/** Only what the request says: a model without thinking refuses `true`. */
function buildThink(thinking: Thinking | undefined): boolean | string | undefined {
  if (thinking === undefined) return undefined;
  if (thinking.mode === "off") return false;
  if (thinking.effort === undefined) return true;
  const effort = toEffort(thinking);
  return effort === undefined ? true : toKnownEffort(effort, ["low", "medium", "high", "max"]);
}

function buildFormat(output: Output | undefined): "json" | Json | undefined {
  return output?.type === "json-schema" ? output.schema : output?.type;
}
