/** The Claude messages format, as far as we write it (https://docs.claude.com/en/api/messages). */

export const PROTOCOL = "claude";

export interface WireText {
  type: "text";
  text: string;
  cache_control?: unknown;
}

export interface WireImage {
  type: "image";
  source: WireBase64Source | WireUrlSource;
  cache_control?: unknown;
}

export interface WireDocument {
  type: "document";
  source: WireBase64Source | WireUrlSource | { type: "text"; media_type: "text/plain"; data: string };
  title?: string;
  cache_control?: unknown;
}

export interface WireBase64Source {
  type: "base64";
  media_type: string;
  data: string;
}

export interface WireUrlSource {
  type: "url";
  url: string;
}

export interface WireThinking {
  type: "thinking";
  thinking: string;
  signature: string;
}

export interface WireRedactedThinking {
  type: "redacted_thinking";
  data: string;
}

export interface WireToolUse {
  type: "tool_use";
  id: string;
  name: string;
  input: Record<string, unknown>;
  cache_control?: unknown;
}

export interface WireToolReference {
  type: "tool_reference";
  tool_name: string;
  cache_control?: unknown;
}

export type WireResultBlock = WireText | WireImage | WireDocument | WireToolReference;

export interface WireToolResult {
  type: "tool_result";
  tool_use_id: string;
  content?: string | WireResultBlock[];
  is_error?: boolean;
  cache_control?: unknown;
}

export type WireUserBlock = WireText | WireImage | WireDocument | WireToolResult;
export type WireAssistantBlock = WireText | WireThinking | WireRedactedThinking | WireToolUse;

export type WireMessage =
  | { role: "user"; content: WireUserBlock[] }
  | { role: "assistant"; content: WireAssistantBlock[] };

export interface WireTool {
  name: string;
  description?: string;
  input_schema: Record<string, unknown>;
  strict?: boolean;
  cache_control?: unknown;
}

export type WireToolChoice =
  | { type: "auto" | "any"; disable_parallel_tool_use?: boolean }
  | { type: "tool"; name: string; disable_parallel_tool_use?: boolean }
  | { type: "none" };

export type WireStopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal";

export interface WireStopDetails {
  type: "refusal";
  category: string | null;
  explanation: string | null;
}

/** Numbers throughout: Claude Code breaks on null counts. */
export interface WireUsage {
  /** Without what came from or went to the cache. */
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  output_tokens_details?: { thinking_tokens: number };
}
