import type { ProtocolName } from "./daemon.ts";

/** The words on the wire, which our own reader does not have to be trusted for. */
export const LENGTH_WORDS: Record<ProtocolName, RegExp> = {
  openai: /"finish_reason":"length"/,
  "openai-responses": /"incomplete_details":\{"reason":"max_output_tokens"\}/,
  claude: /"stop_reason":"max_tokens"/,
  gemini: /"finishReason":"MAX_TOKENS"/,
  ollama: /"done_reason":"length"/,
};
export const FILTER_WORDS: Record<ProtocolName, RegExp> = {
  openai: /"finish_reason":"content_filter"/,
  "openai-responses": /"incomplete_details":\{"reason":"content_filter"\}/,
  claude: /"stop_reason":"refusal"/,
  gemini: /"finishReason":"SAFETY"/,
  ollama: /./,
};

/** The last count of each kind on the wire. */
export function countsOf(body: string, client: ProtocolName): (number | undefined)[] {
  return COUNT_FIELDS[client].map((field) => {
    const [, value] = [...body.matchAll(new RegExp(`"${field}": ?(\\d+)`, "g"))].at(-1) ?? [];
    return value === undefined ? undefined : Number(value);
  });
}
export const CALL_WORDS: Record<ProtocolName, RegExp> = {
  openai: /"finish_reason":"tool_calls"/,
  "openai-responses": /"type":"function_call"/,
  claude: /"stop_reason":"tool_use"/,
  // These two say that they stopped.
  gemini: /"finishReason":"STOP"/,
  ollama: /"done_reason":"stop"/,
};

const COUNT_FIELDS: Record<ProtocolName, string[]> = {
  openai: ["prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens"],
  "openai-responses": ["input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"],
  claude: ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"],
  gemini: ["promptTokenCount", "candidatesTokenCount", "cachedContentTokenCount", "thoughtsTokenCount"],
  ollama: ["prompt_eval_count", "eval_count"],
};
/** Trap 36: of 100 read, 60 came out of the cache and 10 went in; of 50 written, 20 were thought. */
export const COUNTED: Record<ProtocolName, (provider: ProtocolName) => (number | undefined)[]> = {
  // OpenAI counts everything in.
  openai: (provider) => (provider === "ollama" ? [100, 50, 0, 0] : [100, 50, 60, 20]),
  "openai-responses": (provider) => (provider === "ollama" ? [100, 50, 0, 0] : [100, 50, 60, 20]),
  // Claude counts what came out of the cache, or went in, apart.
  claude: (provider) => {
    if (provider === "ollama") return [100, 50, 0, 0];
    return provider === "gemini" ? [40, 50, 60, 0] : [30, 50, 60, 10];
  },
  // Gemini counts thoughts apart.
  gemini: (provider) => (provider === "ollama" ? [100, 50, undefined, undefined] : [100, 30, 60, 20]),
  ollama: () => [100, 50],
};
