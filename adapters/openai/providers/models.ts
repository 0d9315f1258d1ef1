import type { Quirks } from "../quirks.ts";
import { PENALTIES, type ModelRow } from "./rows.ts";

const OPENAI_REASONING: Partial<Quirks> = {
  maxTokensField: "max_completion_tokens",
  refuses: ["temperature", "top_p", ...PENALTIES, "logprobs", "top_logprobs"],
  thinkingOff: false,
};

/** What a model asks for wherever it runs; all rows that fit count, the later wins. */
export const MODELS: readonly ModelRow[] = [
  {
    // platform.openai.com/docs/guides/reasoning; trap 23. Not `gpt-35-turbo` (Azure), `gpt-oss`, a chat variant or
    // another vendor's namesake.
    name: "OpenAI's reasoning models",
    models: /^(?:openai\/)?(?:o\d|gpt-(?:[5-9]|1\d)(?!\d))(?![a-z])(?!.*chat)/i,
    quirks: OPENAI_REASONING,
  },
  {
    // The openai package, on `stop`: "Not supported with latest reasoning models o3 and o4-mini".
    name: "o3, o4",
    models: /^(?:openai\/)?o[34](?![a-z\d])/i,
    quirks: { refuses: ["stop"] },
  },
  {
    // learn.microsoft.com, ReasoningEffort: `minimal` came with gpt-5 and went with it.
    name: "gpt-5",
    models: /^(?:openai\/)?gpt-5(?![.\d])(?!.*(?:chat|codex))/i,
    quirks: { efforts: ["minimal", "low", "medium", "high"] },
  },
  {
    // The same page: `high` is all it knows.
    name: "gpt-5-pro",
    models: /^(?:openai\/)?gpt-5-pro/i,
    quirks: { efforts: ["high"] },
  },
  {
    // The same page: `none` came with 5.1.
    name: "gpt-5.1 and newer",
    models: /^(?:openai\/)?gpt-(?:5\.\d|[6-9]|1\d)(?!.*(?:chat|-pro))/i,
    quirks: { thinkingOff: true },
  },
  {
    // The same page: `xhigh` came after 5.1-codex-max.
    name: "gpt-5.2 and newer",
    models: /^(?:openai\/)?gpt-(?:5\.(?:[2-9]|1\d)|[6-9]|1\d)(?!.*chat)/i,
    quirks: { efforts: ["low", "medium", "high", "xhigh"] },
  },
  {
    // "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions": openai-openapi#541,
    // livekit/agents#5088 (5.2).
    name: "gpt-5.2 to 5.5",
    models: /^(?:openai\/)?gpt-5\.[2-5](?!\d)(?!.*chat)/i,
    quirks: { effortWithTools: "omitted" },
  },
  {
    // "…or set reasoning_effort to 'none'", even where none was sent: BerriAI/litellm#34569.
    name: "gpt-5.6 and newer",
    models: /^(?:openai\/)?gpt-(?:5\.(?:[6-9]|1\d)|[6-9]|1\d)(?!.*chat)/i,
    quirks: { effortWithTools: "none" },
  },
  {
    // The harmony format has three efforts and no way to turn thinking off.
    name: "gpt-oss",
    models: /gpt-oss/i,
    quirks: { thinkingOff: false },
  },
  {
    // "Tool call id … must be a-z, A-Z, 0-9, with a length of 9": mistral-common, in Mistral's API as in vLLM.
    name: "Mistral's models",
    models:
      /(?:^|\/)(?:open-)?(?:mistral|mixtral|ministral|magistral|devstral|codestral|pixtral|voxtral)(?![a-z])/i,
    quirks: { callIds: "nine" },
  },
];
