/** The Claude messages format, as far as we write it (https://docs.claude.com/en/api/messages). */

export const PROTOCOL = "claude";

export interface WireText {
  type: "text";
  text: string;
  citations?: unknown[];
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
  /** Who made the call: the model, or code it had run. Always there in answers. */
  caller?: unknown;
  /** For tools of a set Claude was trained on (computer, browser). */
  toolset_name?: unknown;
  cache_control?: unknown;
}

/** Stands for a block of any type that is sent as it was received. */
export interface WireVerbatim {
  type: "verbatim";
}

export interface WireToolReference {
  type: "tool_reference";
  tool_name: string;
  cache_control?: unknown;
}

export type WireResultBlock = WireText | WireImage | WireDocument | WireToolReference | WireVerbatim;

export interface WireToolResult {
  type: "tool_result";
  tool_use_id: string;
  content?: string | WireResultBlock[];
  is_error?: boolean;
  toolset_name?: unknown;
  cache_control?: unknown;
}

export type WireUserBlock = WireText | WireImage | WireDocument | WireToolResult | WireVerbatim;
export type WireAssistantBlock = WireText | WireThinking | WireRedactedThinking | WireToolUse | WireVerbatim;

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
  | "compaction"
  | "refusal"
  | "model_context_window_exceeded";

export interface WireStopDetails {
  type: "refusal";
  category: string | null;
  explanation: string | null;
}

/**
 * What the type has always, Anthropic's API has too, or leaves it out where it is `null` (`speed`, `server_tool_use`);
 * clients take both. Counts are numbers throughout: Claude Code breaks on null ones.
 */
export interface WireUsage extends WireDeltaUsage {
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  service_tier: string;
  inference_geo: string;
  speed: string | null;
}

/** All counts are totals of the whole message. */
export interface WireDeltaUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  output_tokens_details: { thinking_tokens: number } | null;
  server_tool_use: Record<string, unknown> | null;
}
