import { compact, isObject, type Json } from "../validate.ts";
import type { ModelInfo } from "../unified.ts";

export function writeModelList(models: ModelInfo[]): unknown {
  return { object: "list", data: models.map(writeModel) };
}

/** OpenAI's four fields, and what a provider of this protocol said beyond them. */
export function writeModel(model: ModelInfo): unknown {
  const native = model.native?.protocol === "openai" ? model.native.body : {};
  return compact({
    ...native,
    id: model.id,
    object: "model",
    created: Math.floor((model.createdAt ?? 0) / 1000),
    owned_by: model.ownedBy ?? "ccproxy",
    context_length: model.contextLength,
  });
}

/** A provider's list: `{data: […]}`, `{models: […]}` or the bare array that Together sends. */
export function parseModelList(body: unknown): ModelInfo[] {
  const list = isObject(body) ? (body.data ?? body.models) : body;
  return Array.isArray(list) ? list.flatMap(parseModel) : [];
}

function parseModel(entry: unknown): ModelInfo[] {
  if (typeof entry === "string") return entry === "" ? [] : [{ id: entry }];
  if (!isObject(entry)) return [];
  const id = [entry.id, entry.name, entry.model].find((value) => typeof value === "string" && value !== "");
  if (typeof id !== "string") return [];
  const top = isObject(entry.top_provider) ? entry.top_provider : {};
  const meta = isObject(entry.meta) ? entry.meta : {};
  const created = positive(entry.created);
  const name = [entry.display_name, entry.name].find((value) => typeof value === "string" && value !== id);
  return [
    compact<ModelInfo>({
      id,
      displayName: typeof name === "string" && name !== "" ? name : undefined,
      createdAt: created && created * 1000,
      ownedBy: typeof entry.owned_by === "string" && entry.owned_by !== "" ? entry.owned_by : undefined,
      // OpenRouter, Groq, vLLM, Mistral and LM Studio, llama.cpp.
      contextLength:
        positive(entry.context_length) ??
        positive(entry.context_window) ??
        positive(entry.max_model_len) ??
        positive(entry.max_context_length) ??
        positive(top.context_length) ??
        positive(meta.n_ctx_train),
      maxOutputTokens:
        positive(top.max_completion_tokens) ??
        positive(entry.max_completion_tokens) ??
        positive(entry.max_output_tokens),
      capabilities: readCapabilities(entry),
      native: { protocol: "openai", body: entry },
    }),
  ];
}

/** Ollama's words for what the list tells; undefined where it tells nothing, because a gap is no "no". */
function readCapabilities(entry: Json): string[] | undefined {
  const found = readOpenRouter(entry) ?? readMistral(entry) ?? readLmStudio(entry);
  return found && [...found];
}

function readOpenRouter(entry: Json): Set<string> | undefined {
  const parameters = entry.supported_parameters;
  if (!Array.isArray(parameters)) return undefined;
  const { input_modalities: input, output_modalities: output } = isObject(entry.architecture)
    ? entry.architecture
    : {};
  const found = new Set<string>();
  const isEmbedder = Array.isArray(output) && output.includes("embeddings");
  found.add(isEmbedder ? "embedding" : "completion");
  if (parameters.includes("tools")) found.add("tools");
  if (Array.isArray(input) && input.includes("image")) found.add("vision");
  if (parameters.includes("reasoning") || parameters.includes("include_reasoning")) found.add("thinking");
  return found;
}

function readMistral(entry: Json): Set<string> | undefined {
  const flags = entry.capabilities;
  if (!isObject(flags) || typeof flags.function_calling !== "boolean") return undefined;
  const found = new Set<string>();
  if (flags.completion_chat === true) found.add("completion");
  if (flags.completion_fim === true) found.add("insert");
  if (flags.function_calling) found.add("tools");
  if (flags.vision === true) found.add("vision");
  if (flags.reasoning === true) found.add("thinking");
  return found;
}

/** LM Studio: `type` is llm, vlm or embeddings; `capabilities` lists `tool_use`, and only newer versions have it. */
function readLmStudio(entry: Json): Set<string> | undefined {
  const { type, capabilities } = entry;
  if (type === "embeddings") return new Set(["embedding"]);
  if ((type !== "llm" && type !== "vlm") || !Array.isArray(capabilities)) return undefined;
  const found = new Set(["completion"]);
  if (capabilities.includes("tool_use")) found.add("tools");
  if (type === "vlm") found.add("vision");
  return found;
}

const positive = (value: unknown): number | undefined =>
  typeof value === "number" && value > 0 ? value : undefined;
