/** Ollama's wire format: only what we read or write. Keys stand in the order in which Ollama writes them. */

export interface OllamaMessage {
  role: string;
  content: string;
  thinking?: string;
  /** Raw base64, no data URLs. */
  images?: string[];
  tool_calls?: OllamaToolCall[];
  tool_name?: string;
  tool_call_id?: string;
}

export interface OllamaToolCall {
  id?: string;
  function: { index?: number; name: string; arguments: Record<string, unknown> };
}

export interface OllamaTool {
  type: "function";
  function: { name: string; description?: string; parameters: Record<string, unknown> };
}

/** All durations in nanoseconds. */
export interface OllamaMetrics {
  total_duration?: number;
  load_duration?: number;
  prompt_eval_count?: number;
  prompt_eval_duration?: number;
  eval_count?: number;
  eval_duration?: number;
}

export interface OllamaDetails {
  parent_model: string;
  format: string;
  family: string;
  families: string[] | null;
  parameter_size: string;
  quantization_level: string;
  /** These two only in `/api/tags`. */
  context_length?: number;
  embedding_length?: number;
}

/**
 * What `request.extra.ollama` holds beside body fields that are passed on as they are (`keep_alive`, `truncate`,
 * `shift` and whatever is new).
 */
export interface OllamaExtra {
  /** Runner options that no other protocol has (`num_ctx`, `mirostat`, …). */
  options?: Record<string, unknown>;
  /** An empty prompt: the model is to be loaded or unloaded, no provider is asked. */
  load?: "load" | "unload";
  /** Only the prompt is wanted that the model would get (`_debug_render_only`). */
  render?: boolean;
  /** What only `/api/generate` has. */
  generate?: {
    /** The prompt as sent: fill-in-the-middle is put into words for other protocols. */
    prompt: string;
    suffix?: string;
    template?: string;
    raw?: boolean;
    /** Tokens of a real Ollama's earlier answer. */
    context?: number[];
  };
  [field: string]: unknown;
}
