export interface Tags {
  open: string;
  close: readonly string[];
  /** A token of the vocabulary: counts wherever it stands. Others only where the answer begins. */
  special?: boolean;
}

/** Thinking that models write into their text. */
export const TAGS: readonly Tags[] = [
  { open: "<think>", close: ["</think>"] },
  { open: "<thinking>", close: ["</thinking>"] },
  { open: "<seed:think>", close: ["</seed:think>"] },
  { open: "<longcat_think>", close: ["</longcat_think>"] },
  { open: "[THINK]", close: ["[/THINK]"], special: true },
  { open: "<|START_THINKING|>", close: ["<|END_THINKING|>"], special: true },
  { open: "<|inner_prefix|>", close: ["<|inner_suffix|>"], special: true },
  { open: "<|channel>thought\n", close: ["<channel|>"], special: true },
  { open: "<|channel>", close: ["<channel|>"], special: true },
  { open: "<|channel|>analysis<|message|>", close: ["<|end|>", "<|return|>"], special: true },
  {
    open: "<|start|>assistant<|channel|>analysis<|message|>",
    close: ["<|end|>", "<|return|>"],
    special: true,
  },
];

/** Tokens that begin a call: thinking that nobody closed ends there. */
export const BREAKERS = [
  "<|tool_calls_section_begin|>",
  "<｜tool▁calls▁begin｜>",
  "<|tool_call_start|>",
  "<|START_ACTION|>",
];

/** What begins a call in text: what is in front of it is no thinking, or it would have been closed. */
export const CALL_BEGINS = [
  "<tool_call>",
  "<function=",
  "<function_calls>",
  "<tool_calls>",
  "<minimax:tool_call>",
  "<seed:tool_call>",
];

/** Thinking that the model's template opened already. */
export const OPENED: Tags = { open: "<think>", close: ["</think>", "[/THINK]"] };

/** What ends thinking in each kind of tags. */
export const ENDS = new Map([...TAGS, OPENED].map((tags) => [tags, [...tags.close, ...BREAKERS]]));
export const SPECIAL = TAGS.filter((tags) => tags.special).map((tags) => tags.open);

/** Tags around the answer, behind thinking: Hunyuan A13B, Granite 3. */
export const FRAMES: readonly { open: string; close: string }[] = [
  { open: "<answer>", close: "</answer>" },
  { open: "<response>", close: "</response>" },
];
