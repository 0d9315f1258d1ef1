/** The chat-completions wire format: what we write. What others send is read field by field, leniently. */

export type WirePart =
  | { type: "text"; text: string; cache_control?: unknown }
  | { type: "image_url"; image_url: { url: string; detail?: string } }
  | { type: "input_audio"; input_audio: { data: string; format: string } }
  | { type: "file"; file: { filename: string; file_data: string } }
  /** Not OpenAI's: vLLM, OpenRouter and Qwen read films so. */
  | { type: "video_url"; video_url: { url: string } };

export interface WireFunctionCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
  /** Where Google's chat-completions endpoint keeps a call's signature, and wants it back. */
  extra_content?: { google: { thought_signature: string } };
}

export interface WireCustomCall {
  id: string;
  type: "custom";
  custom: { name: string; input: string };
}

export type WireCall = WireFunctionCall | WireCustomCall;

export type WireMessage =
  | { role: "system" | "developer"; content: string | WirePart[] }
  | { role: "user"; content: string | WirePart[] }
  | {
      role: "assistant";
      content: string | WirePart[] | null;
      tool_calls?: WireCall[];
      reasoning_content?: string;
      reasoning?: string;
      reasoning_details?: Record<string, unknown>[];
    }
  | { role: "tool"; tool_call_id: string; content: string | WirePart[] };

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number; cache_write_tokens?: number };
  completion_tokens_details: {
    reasoning_tokens: number;
    audio_tokens: number;
    accepted_prediction_tokens: number;
    rejected_prediction_tokens: number;
  };
}

/** OpenRouter's way of giving pictures that a model made; OpenAI's own chat format has none. */
export interface WireImage {
  type: "image_url";
  index: number;
  image_url: { url: string };
}

export interface WireAnnotation {
  type: "url_citation";
  url_citation: { end_index: number; start_index: number; title: string; url: string; content?: string };
}

export interface WireAudio {
  id: string;
  data: string;
  /** Seconds since 1970. */
  expires_at: number;
  transcript: string;
}

export interface WireAnswer {
  role: "assistant";
  content: string | null;
  refusal: string | null;
  annotations: WireAnnotation[];
  reasoning_content?: string;
  reasoning?: string;
  audio?: WireAudio;
  images?: WireImage[];
  tool_calls?: WireCall[];
  function_call?: { name: string; arguments: string };
}

export interface WireError {
  error: { message: string; type: string; param: string | null; code: string | null };
}
