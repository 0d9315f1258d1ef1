import { perName } from "./per-name.ts";
import type { Tags } from "./thinking-tags.ts";

/** What is known of a model by its name. */
export interface Family {
  /** The notation it is asked for; a key of `FAMILY_NOTATIONS`. */
  notation: string;
  /** Dialects it falls into besides the one it is asked for; keys of `DIALECTS`. */
  dialects: readonly string[];
}

/** Whether a model's template opens the thinking, so that only the closing tag is seen in its text. */
export const opensThinking = perName((model) =>
  /nemotron-?3|nemotron.*nano-30b|qwq|deepseek-r1|(?:^|[-_.])think(?:ing|er)?(?:[-_.:]|$)/.test(
    model.toLowerCase(),
  ),
);

/**
 * Whether a model's template opens the thinking when it is told to think, which is not seen from here. The first
 * words of such a model wait for a closing tag; no other's do.
 */
export const mayOpenThinking = perName((model) =>
  /deepseek.*v3[.-][1-9]|deepseek.*v[4-9]|cogito/.test(model.toLowerCase()),
);

/**
 * Whether no template of the family opens thinking: a closing tag in its answers is a word, and no first words wait for
 * one. Tunings for reasoning say so in their names.
 */
export const neverOpensThinking = perName((model) => {
  const name = model.toLowerCase();
  return (
    /lfm2(?!\.5)|llama-?[234]|gemma-?[123](?:\D|$)|functiongemma|phi-?[34]|gpt-oss|mixtral|mistral-7b|qwen-?2|qwen.*coder|xlam|functionary|command-r/.test(
      name,
    ) && !/r1|think|reason|nemotron|qwq|hermes|cogito/.test(name)
  );
});

/** Words that a family puts around its thinking, where others have tags. */
export const thinkingWords = perName((model): readonly Tags[] | undefined =>
  /apriel/.test(model.toLowerCase())
    ? [{ open: "Here are my reasoning steps:", close: ["[BEGIN FINAL RESPONSE]"] }]
    : undefined,
);

/**
 * Whether an answer of the family ends with its calls: its template puts the end of the turn there, and the readers
 * made for it (vLLM's, SGLang's) give no text from the first call on. What such a model adds is made up.
 */
export const endsWithCalls = perName((model) =>
  /glm|hunyuan|hy-?v3|longcat|phi-?[34]|mistral-7b|mixtral|nemo(?!tron)/.test(model.toLowerCase()),
);

/** The family of a provider's model name. Unknown names get every dialect whose markers cannot occur in prose. */
export const findFamily = perName((model): Family => {
  const name = model.toLowerCase().replace(/^.*\//, "");
  for (const [pattern, family] of FAMILIES) if (pattern.test(name)) return family;
  return UNKNOWN;
});

export const isUnknown = (family: Family): boolean => family === UNKNOWN;

/** Dialects every model may answer in: the tag, the fence, and JSON as the whole reply. */
const GENERIC_DIALECTS: readonly string[] = ["tag", "call-tags", "fence", "bare-json", "turn-ends"];

/** The dialects a model may answer in, the one it is asked for first. */
export function dialectsOf(model: string, asked?: string): readonly string[] {
  const names = familyDialects(model);
  return asked === undefined ? names : [...new Set([asked, ...names])];
}

const familyDialects = perName((model): readonly string[] => [
  ...new Set([...findFamily(model).dialects, ...GENERIC_DIALECTS]),
]);

const family = (notation: string, ...dialects: string[]): Family => ({ notation, dialects });

const UNKNOWN: Family = family(
  "fence",
  "named",
  "tool-tags",
  "deepseek",
  "kimi",
  "mistral",
  "harmony",
  "gemma",
  "function-gemma",
  "granite",
  "internlm",
  "command",
  "apertus",
  "gigachat",
  "llama",
  "llama4",
  "lfm",
  "phi",
);

/** First match wins: what a model is comes before what it was made from. */
const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/deepseek.*distill|cogito/, family("fence", "deepseek")],
  [/deepseek.*(v3[.-]2|v[4-9])/, family("dsml", "deepseek")],
  [/deepseek/, family("deepseek", "deepseek")],
  [/kimi|moonlight/, family("kimi", "kimi", "named")],
  [/nemotron.*(nano-9b|nano-12b|v2)/, family("hermes")],
  [/nemotron-?3|nemotron-h|nemotron.*nano-30b/, family("qwen")],
  [/seed-?oss/, family("seed")],
  [/longcat/, family("longcat", "named")],
  [/minimax-?m1/, family("hermes")],
  [/minimax/, family("minimax")],
  [/qwen.*coder|qwen-?3\.[5-9]|qwen3-next|step-?3\.5|k-?exaone/, family("qwen")],
  [
    /hermes|qwen|qwq|granite-?4|granite.*4\.|trinity|mimo|reka|bielik|ernie|apriel|hunyuan-a13b|jamba/,
    family("hermes", "named"),
  ],
  [/glm|hunyuan|hy-?v3|hy3/, family("glm")],
  [/step-?3/, family("fence", "deepseek")],
  [/claude|minicpm5/, family("invoke", "tool-tags")],
  [/gpt-oss/, family("fence", "harmony")],
  [/functiongemma/, family("fence", "function-gemma")],
  [/gemma-?[4-9]|gemma.*-4/, family("fence", "gemma")],
  [/gemma/, family("fence", "named-python")],
  [/mistral|mixtral|ministral|devstral|magistral|codestral|pixtral/, family("mistral", "mistral", "named")],
  [/xlam|watt/, family("fence", "mistral", "bare-list")],
  [/granite.*(functioncalling|20b)/, family("fence", "granite-20b", "granite")],
  [/granite/, family("fence", "granite")],
  [/phi/, family("fence", "phi", "granite")],
  [/command|cohere|aya/, family("fence", "command", "react")],
  [/apertus/, family("fence", "apertus")],
  [/gigachat/, family("fence", "gigachat")],
  [/internlm|intern-?s/, family("fence", "internlm")],
  [/lfm/, family("fence", "lfm", "bare-list")],
  [/olmo/, family("fence", "named-python")],
  [/functionary/, family("fence", "functionary", "llama")],
  [/llama-?4|toolace/, family("fence", "llama4", "bare-list", "named-python")],
  [/llama-?3|llama3/, family("fence", "llama", "llama4", "bare-list", "named-python")],
  [/llama-?2|llama2|vicuna|alpaca/, family("fence", "react")],
];
