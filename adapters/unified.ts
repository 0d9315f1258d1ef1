/**
 * The one format between all protocols: what a client asked (`UnifiedRequest`), what a provider answers
 * (`StreamEvent`s; a full answer is the fold of them), and the parts both are made of. Types only.
 *
 * Optional means absent. Order of parts is the order on the wire. Nothing here belongs to one protocol.
 */
import type { GatewayError } from "./errors.ts";

/** A protocol's name, as its adapter declares it: "openai", "claude" … Shared code never compares it to a literal. */
export type Protocol = string;

/** An opaque token a provider wants back unchanged on later turns, and the protocol it means something to. */
export interface Signature {
  origin: Protocol;
  value: string;
}

/** Something as one protocol writes it, where this format tells less. */
export interface Native {
  origin: Protocol;
  body: unknown;
}

/** A source that a text of an answer leans on: a web page, a document, a place in either. */
export interface Citation {
  url?: string;
  title?: string;
  /** The words of the source. */
  quote?: string;
  /** What of the text it is about, in UTF-16 units from the text's beginning; absent: all of it. */
  start?: number;
  end?: number;
  /** As its provider wrote it, for clients of the same protocol. */
  native?: Native;
}

export interface TextPart {
  type: "text";
  text: string;
  citations?: Citation[];
  /**
   * What the part was read from, where text says less: a tool the provider ran, its results, a document. Writers of that
   * protocol put it in the part's place; without a body the part before it stands for this one too. Other protocols
   * take the text, which may be empty.
   */
  native?: Native;
  /** Prompt-cache mark of the client's protocol, verbatim (Claude's `cache_control`). */
  cache?: unknown;
}

/** An image, a sound, a film or a document; `mimeType` tells which. */
export interface MediaPart {
  type: "media";
  /** Lower case, normalised (`image/jpg` → `image/jpeg`). `image/*` when a URL leaves it open. */
  mimeType: string;
  source: { kind: "base64"; data: string } | { kind: "url"; url: string };
  /** File name, where the protocol gives one. */
  name?: string;
  /** OpenAI's image detail: "low" | "high" | "auto" | "original". */
  detail?: string;
  /** As `TextPart.native`. */
  native?: Native;
  cache?: unknown;
}

export interface ThinkingPart {
  type: "thinking";
  /** "" when the provider keeps the text to itself. */
  text: string;
  signature?: Signature;
  /** The text is hidden by the provider; `signature` holds its sealed form. */
  redacted?: boolean;
}

export interface ToolCallPart {
  type: "tool-call";
  /** Never empty: a parser that finds none leaves it to `fillCallIds`. */
  id: string;
  name: string;
  /**
   * The arguments as JSON text of an object, as the model wrote them; "" counts as `{}`.
   * A custom tool's free text travels as `{"input": "…"}`.
   */
  args: string;
  signature?: Signature;
  /** Fields only its protocol has (Claude's `caller`), for the same protocol: an object. */
  native?: Native;
  cache?: unknown;
}

export interface ToolResultPart {
  type: "tool-result";
  /** The id of the call it answers. */
  id: string;
  /** The tool's name: Gemini and Ollama need it. Filled from the call by `fillToolNames`. */
  name: string;
  content: (TextPart | MediaPart)[];
  isError?: boolean;
  /** As `ToolCallPart.native`. */
  native?: Native;
  cache?: unknown;
}

export type UserPart = TextPart | MediaPart;
export type AssistantPart = TextPart | ThinkingPart | ToolCallPart | MediaPart;

export type Message =
  /** System text in the middle of a conversation; the text before the first message is `UnifiedRequest.system`. */
  | { role: "system"; content: TextPart[] }
  | { role: "user"; content: UserPart[] }
  | { role: "assistant"; content: AssistantPart[] }
  /** All results that answer one assistant turn, in the client's order. */
  | { role: "tool"; content: ToolResultPart[] };

export interface Tool {
  /** The name the client knows, unique in the request. */
  name: string;
  description?: string;
  /** JSON Schema of the arguments: an object schema. Shared with the client's body: never mutate it. */
  parameters: Record<string, unknown>;
  /** "custom" takes one free text; it travels as a function with the one string argument `input`. Default "function". */
  kind?: "function" | "custom";
  /** Grammar of a custom tool, verbatim (Responses `format`). */
  format?: unknown;
  /** Namespace the client listed it in (Responses); its writer gives it back with the call. */
  namespace?: string;
  strict?: boolean;
  cache?: unknown;
  /** Fields only the client's own protocol understands (`defer_loading`, …), verbatim. */
  extra?: Record<string, unknown>;
}

/** A tool the provider runs itself (web search, code execution): verbatim, for the protocol it came from. */
export interface ServerTool {
  origin: Protocol;
  /** Its type or name, for messages to people. */
  name: string;
  body: unknown;
}

export type ToolChoice = "auto" | "none" | "required" | { name: string };

export interface Sampling {
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  seed?: number;
  /** Limit for the answer, in tokens; thinking counts where the provider counts it. */
  maxTokens?: number;
  stop?: string[];
  presencePenalty?: number;
  frequencyPenalty?: number;
  repeatPenalty?: number;
}

export type Effort = "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** Absent: the provider's default. */
export type Thinking =
  | { mode: "off" }
  | {
      mode: "on";
      effort?: Effort;
      /** Tokens. Absent with `effort` absent: as much as the model likes. */
      budgetTokens?: number;
      /** The client wants to see the thoughts (or a summary of them). Default true. */
      visible?: boolean;
    };

export type Output =
  | { type: "json" }
  | {
      type: "json-schema";
      schema: Record<string, unknown>;
      name?: string;
      description?: string;
      strict?: boolean;
    };

export interface UnifiedRequest {
  /** As the caller wrote it; the server replaces it by the provider's name before a request is built. */
  model: string;
  system?: TextPart[];
  messages: Message[];
  tools?: Tool[];
  serverTools?: ServerTool[];
  toolChoice?: ToolChoice;
  /** false: at most one call per turn. */
  parallelTools?: boolean;
  sampling?: Sampling;
  thinking?: Thinking;
  output?: Output;
  /** The caller wants the answer as a stream. */
  stream: boolean;
  logprobs?: { top?: number };
  /** Number of answers asked for, more than one: the server asks once for each where the client's protocol tells several. */
  choices?: number;
  userId?: string;
  /**
   * Why only pass-through can serve this request (a file by its id, several prompts at once): a sentence with the
   * place. Where it is set, converting to another provider is refused with "unsupported".
   */
  nativeOnly?: string;
  /** The client protocol's own word for that refusal, where its clients act on it. */
  nativeOnlyAs?: { kind: "invalid-request" | "not-found" | "unsupported"; code: string; param?: string };
  /** What of the client's body this format cannot hold, in words: no other protocol's provider gets it. */
  unread?: string[];
  /** Per protocol: body fields not modelled here, verbatim; only the same protocol's `buildRequest` reads them. */
  extra?: Record<Protocol, Record<string, unknown>>;
}

/** All counts in tokens. */
export interface Usage {
  /** Everything read, cached tokens included (OpenAI's way of counting; Claude's is exclusive). */
  inputTokens: number;
  /** Everything written, thinking included. */
  outputTokens: number;
  /** Part of `inputTokens` that came from the provider's cache. */
  cachedTokens?: number;
  /** Part of `inputTokens` that was written to the provider's cache. */
  cacheWriteTokens?: number;
  /** Part of `outputTokens` spent on thinking. */
  reasoningTokens?: number;
}

/** "pause": the provider interrupts a long turn and wants to be asked to go on (Claude's `pause_turn`). */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "pause";

/**
 * What a provider's answer is made of. Deltas only: no block starts or ends (`blocks.ts` restores them).
 * `finish` comes exactly once and last, or `error` does.
 */
export type StreamEvent =
  /** `usage`, `native`: what is known of them before the answer; `finish` tells them whole. */
  | { type: "start"; id?: string; model?: string; usage?: Usage; native?: Native }
  /**
   * `apart`: the provider begins a text of its own, which most protocols tell as one with the text before; "cited": its
   * sources follow.
   */
  | { type: "text-delta"; text: string; apart?: "cited" | "plain" }
  /** About the text since the last event of another kind. */
  | { type: "citation"; citation: Citation }
  | { type: "thinking-delta"; text: string }
  /** Seals the thinking since the last seal; what follows is a new thought. With `redacted`: a hidden thought of its own. */
  | { type: "thinking-signature"; signature: Signature; redacted?: boolean }
  /** `index` tells calls of one answer apart; deltas of several calls may be interleaved. */
  | { type: "tool-start"; index: number; id?: string; name: string; signature?: Signature; native?: Native }
  /** A piece of the arguments' JSON text. */
  | { type: "tool-delta"; index: number; json: string }
  | { type: "media"; media: MediaPart }
  /** What only readers of its protocol understand, whole: the call of a tool the provider runs itself, its results. */
  | { type: "native"; native: Native }
  | { type: "refusal-delta"; text: string }
  /** Token probabilities, in OpenAI's shape: `{token, logprob, bytes, top_logprobs}`. */
  | { type: "logprobs"; logprobs: unknown[] }
  /** `native`: what the provider's message says beside all that, an object. */
  | { type: "finish"; reason: FinishReason; usage?: Usage; stopSequence?: string; native?: Native }
  | { type: "error"; error: GatewayError };

/** A full answer: the fold of a stream of events. */
export interface UnifiedResult {
  id?: string;
  model?: string;
  content: AssistantPart[];
  refusal?: string;
  logprobs?: unknown[];
  finishReason: FinishReason;
  stopSequence?: string;
  usage?: Usage;
  /** As the finish event's. */
  native?: Native;
}

export interface EmbedRequest {
  model: string;
  /** Texts, or token arrays where the client sent those. */
  input: (string | number[])[];
  dimensions?: number;
  /** How the client wants vectors written; default "float". */
  encoding?: "float" | "base64";
  /** Why only a provider of the same protocol can serve it (pictures to embed): a sentence with the place. */
  nativeOnly?: string;
  extra?: Record<Protocol, Record<string, unknown>>;
}

export interface EmbedResult {
  /** One vector per input, in order. */
  vectors: number[][];
  inputTokens?: number;
  /** The provider's whole answer, for the same protocol. */
  native?: Native;
}

/** A model or alias as lists show it. Absent facts are unknown, never guessed. */
export interface ModelInfo {
  id: string;
  displayName?: string;
  /** Milliseconds since 1970. */
  createdAt?: number;
  ownedBy?: string;
  /** Tokens. */
  contextLength?: number;
  maxOutputTokens?: number;
  /** Ollama's words: completion, tools, vision, thinking, embedding, insert. */
  capabilities?: string[];
  /** Bytes, where the model is local to its provider. */
  size?: number;
  /** 64 hex digits. */
  digest?: string;
  family?: string;
  parameterSize?: string;
  quantization?: string;
  /** The provider's own description of it, verbatim, for the same protocol. */
  native?: { protocol: Protocol; body: Record<string, unknown> };
}
