import type { Effort } from "../unified.ts";

/** How a provider's (or a model's) chat completions differ from the plain form that nearly all of them read. */
export interface Quirks {
  /** Where the answer's limit stands. OpenAI's reasoning models refuse the old field, most others ignore the new one. */
  maxTokensField: "max_tokens" | "max_completion_tokens";
  /** System text under the role `developer`. DeepSeek and many others refuse that role. */
  developerRole: boolean;
  /** Body fields that are refused, or fixed so that a value other than the usual one is. They are not sent. */
  refuses: readonly string[];
  /** Body fields that have another name here. */
  rename: Readonly<Record<string, string>>;
  /** Body fields sent with every request, unless the client sent its own. */
  body: Readonly<Record<string, unknown>>;
  /** The temperatures taken, from and to; others become the nearest. */
  temperatures: readonly [number, number] | undefined;
  /** `top_k`, `min_p` and `repetition_penalty` are read (vLLM, OpenRouter); OpenAI refuses them. */
  extendedSampling: boolean;
  /** `cache_control` is read on text parts (OpenRouter, LiteLLM in front of Claude). */
  cacheControl: boolean;
  /** Tools of type `custom` are known (OpenAI); elsewhere they become functions. */
  customTools: boolean;
  /** `strict` on a tool is refused. */
  noStrict: boolean;
  /** "words": no named tool (it becomes `required`, with that tool alone). "auto": a call cannot be forced or forbidden. */
  toolChoice: "all" | "words" | "auto";
  /** The kinds of `response_format` that are taken. */
  outputs: "all" | "json_object" | "json_schema";
  /** "nine": call ids are nine letters and digits (Mistral's tokenizers). */
  callIds: "any" | "nine";
  /** What only works while the model does not think. */
  unthinking: readonly Conflict[];
  /**
   * How thinking is asked for. `reasoning_effort`: OpenAI's word. `reasoning`: OpenRouter's object.
   * `reasoning_enabled`: Together's switch of that name. `thinking`: `{type: enabled | disabled}`, and the effort if any
   * are known. `adaptive`: the same with the word `adaptive`. `enable_thinking`: Qwen's switch. `chat_template_kwargs`:
   * the switches of open models' templates. `none`: there is nothing to ask with.
   */
  reasoningField: (typeof REASONING_FIELDS)[number];
  /** The efforts known, from weak to strong; none: the amount cannot be told. */
  efforts: readonly Effort[];
  /** The effort for thinking without an amount; false: nothing is sent, the model's own default is meant. */
  onEffort: string | false;
  /** Where a budget in tokens stands, beside switches that have no effort. */
  budgetField: string | false;
  /** Thinking can be turned off. */
  thinkingOff: boolean;
  /** What becomes of the effort when there are tools: OpenAI's newer models take both only in the Responses API. */
  effortWithTools: "sent" | "omitted" | "none";
  /** Where past thoughts go back on later turns; false: they are left out. */
  sendReasoning: false | "reasoning_content" | "reasoning" | "reasoning_details";
  /**
   * Thoughts come as `reasoning_details` that go back as they came, signatures and hidden thoughts among them
   * (OpenRouter, MiniMax); `sendReasoning` is for thoughts that have none.
   */
  reasoningDetails: boolean;
  /** How the `format` of such details begins that this model takes: another maker's are refused. None: all are taken. */
  detailFormats: readonly string[];
  /** The detail that stands for those lost on past calls, which this model would refuse without. */
  lostDetail: Readonly<Record<string, unknown>> | undefined;
  /** A blank stands for thoughts the client did not keep: DeepSeek and Kimi miss them on every assistant message. */
  blankReasoning: boolean;
  /** Thoughts may stand in `<think>` tags at the beginning of the text. */
  thinkTags: boolean;
  /** What was read of a conversation is kept for its next turn, by key: a conversation should stay with one. */
  cachesPrompts: boolean;
  /** Deltas hold all text so far, not the new piece. Guessed from nothing: text may repeat itself. */
  cumulative: boolean | "thinking";
}

export type Conflict = "forced-tools" | "output" | "unstreamed";

export const REASONING_FIELDS = [
  "reasoning_effort",
  "reasoning",
  "reasoning_enabled",
  "thinking",
  "adaptive",
  "enable_thinking",
  "chat_template_kwargs",
  "none",
] as const;
