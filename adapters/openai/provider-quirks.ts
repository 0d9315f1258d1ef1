import type { Quirks } from "./quirks.ts";

export interface ProviderRow {
  name: string;
  match: {
    /** Hosts of the base URL, those below them included; `:1234` is a port on any host. */
    hosts?: readonly string[];
    /** Names users give such a provider; they count where the host is not known. */
    ids?: readonly string[];
    /** Models by which its quirks show through gateways that are not known. */
    models?: RegExp;
  };
  quirks: Partial<Quirks>;
  /** What differs from model to model; the later wins. */
  variants?: readonly ModelRow[];
}

export interface ModelRow {
  name: string;
  models: RegExp;
  quirks: Partial<Quirks>;
}

/** OpenAI's open models know efforts where others have a switch (vLLM, Together and Groq: their pages on reasoning). */
const GPT_OSS: ModelRow = {
  name: "gpt-oss",
  models: /gpt-oss/i,
  quirks: { reasoningField: "reasoning_effort" },
};

const PENALTIES = ["presence_penalty", "frequency_penalty"];

/** Who serves. Only what is known is here; a provider without a row gets the plain form. Read in October/November 2026. */
export const PROVIDERS: readonly ProviderRow[] = [
  {
    name: "OpenAI",
    match: { hosts: ["api.openai.com", "openai.azure.com"] },
    // What its models ask for stands in MODELS: it is the same wherever they run.
    quirks: {},
    variants: [
      // developers.openai.com, "Function calling": custom tools came with gpt-5.
      {
        name: "gpt-5 and newer",
        models: /^gpt-(?:[5-9]|1\d)(?!\d)(?!.*chat)/i,
        quirks: { customTools: true },
      },
    ],
  },
  {
    name: "DeepSeek",
    match: {
      hosts: ["api.deepseek.com"],
      ids: ["deepseek"],
      models: /(?:^|\/)deepseek-(?:v[4-9]|reasoner)/i,
    },
    quirks: {
      // api-docs.deepseek.com/guides/thinking_mode: on by default; it reads all efforts and makes its own of them.
      // Thoughts must come back once tools were called, and its servers miss them on any assistant message (trap 22).
      reasoningField: "thinking",
      efforts: ["low", "medium", "high", "xhigh", "max"],
      onEffort: false,
      sendReasoning: "reasoning_content",
      // "Thinking mode does not support this tool_choice": deepseek-ai/DeepSeek-V3#1376.
      unthinking: ["forced-tools"],
      // api-docs.deepseek.com/api/create-chat-completion: text and json_object.
      outputs: "json_object",
    },
  },
  {
    name: "Qwen (DashScope, ModelScope)",
    match: {
      hosts: [
        "dashscope.aliyuncs.com",
        "dashscope-intl.aliyuncs.com",
        "dashscope-us.aliyuncs.com",
        "api-inference.modelscope.cn",
      ],
      ids: ["dashscope", "qwen", "bailian", "modelscope"],
    },
    quirks: {
      // help.aliyun.com/en/model-studio/deep-thinking
      reasoningField: "enable_thinking",
      budgetField: "thinking_budget",
      extendedSampling: true,
      refuses: ["min_p", "repetition_penalty"],
      // "tool_choice … required or object in thinking mode": cloudwego/eino#994. "Json mode response is not supported
      // when enable_thinking is true": presenton#184.
      unthinking: ["forced-tools", "output"],
    },
    variants: [
      {
        // "parameter.enable_thinking must be set to false for non-streaming calls": langchain4j#3974.
        name: "Qwen3, the open sizes",
        models: /(?:^|\/)qwen3-\d/i,
        quirks: { unthinking: ["unstreamed"] },
      },
      {
        // Model Studio's list of models that only think: "cannot be disabled".
        name: "thinking-only models",
        models: /(?:^|\/)(?:qwq|qvq)|-thinking/i,
        quirks: { thinkingOff: false },
      },
    ],
  },
  {
    name: "Moonshot Kimi",
    match: {
      hosts: ["api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"],
      ids: ["moonshot", "moonshotai", "kimi"],
      models: /^(?:moonshotai\/)?kimi-(?:k[2-9]|for-coding)/i,
    },
    quirks: {
      reasoningField: "none",
      // "thinking is enabled but reasoning_content is missing in assistant tool call message": trap 22.
      sendReasoning: "reasoning_content",
      noStrict: true,
    },
    variants: [
      {
        // platform.kimi.ai/docs/api/chat: `thinking.type`, and sampling is fixed (1 with thinking, 0.6 without).
        name: "K2.5 and newer",
        models: /kimi-(?:k2\.\d|k[3-9]|for-coding)/i,
        quirks: {
          reasoningField: "thinking",
          efforts: [],
          onEffort: false,
          refuses: ["temperature", "top_p", ...PENALTIES],
          // platform.kimi.ai, K2.5: with thinking, tool_choice is auto or none.
          unthinking: ["forced-tools"],
        },
      },
      {
        // "only type=enabled is allowed for this model".
        name: "K2.7 Code",
        models: /kimi-k2\.7/i,
        quirks: { thinkingOff: false },
      },
      {
        // platform.kimi.ai/docs/guide/use-thinking-effort: always thinks, `max` by default, no `thinking` field.
        name: "K3",
        models: /kimi-k[3-9]/i,
        quirks: { reasoningField: "reasoning_effort", efforts: ["low", "high", "max"], thinkingOff: false },
      },
    ],
  },
  {
    name: "Z.ai GLM",
    match: { hosts: ["api.z.ai", "open.bigmodel.cn"], ids: ["zai", "z.ai", "z-ai", "zhipu", "bigmodel"] },
    quirks: {
      // docs.z.ai/guides/capabilities/thinking-mode: the switch, and that thoughts come back with tool results.
      reasoningField: "thinking",
      efforts: [],
      onEffort: false,
      sendReasoning: "reasoning_content",
      blankReasoning: false,
      // docs.z.ai, chat completion: temperature 0 to 1, tool_choice only auto, text and json_object, no penalties, no
      // strict tools.
      temperatures: [0, 1],
      toolChoice: "auto",
      outputs: "json_object",
      refuses: PENALTIES,
      noStrict: true,
    },
  },
  {
    name: "MiniMax",
    match: { hosts: ["api.minimax.io", "api.minimaxi.com", "api.minimax.chat"], ids: ["minimax"] },
    quirks: {
      // platform.minimax.io/docs/api-reference/text-openai-api: thoughts apart from the text with reasoning_split, all
      // of the answer to be sent back, temperature above 0 and up to 1.
      body: { reasoning_split: true },
      sendReasoning: "reasoning_details",
      temperatures: [0.01, 1],
      thinkTags: true,
      // M2.x always thinks.
      reasoningField: "none",
      thinkingOff: false,
      // Some of its models send thoughts as all so far, others in pieces (MiniMax-M2#95, can1357/oh-my-pi#2434).
      cumulative: "thinking",
    },
    variants: [
      {
        // esengine/DeepSeek-Reasonix#3594: adaptive or disabled; reasoning_effort is refused.
        name: "M3 and newer",
        models: /minimax-m(?:[3-9]|1\d)/i,
        quirks: { reasoningField: "adaptive", efforts: [], onEffort: false, thinkingOff: true },
      },
    ],
  },
  {
    name: "Mistral",
    match: { hosts: ["api.mistral.ai", "codestral.mistral.ai"], ids: ["mistral"] },
    quirks: {
      // docs.mistral.ai/api: fields it does not know are answered with 422 "extra_forbidden". It counts in the last
      // chunk unasked.
      refuses: ["stream_options", "user", "logprobs", "top_logprobs", "logit_bias", "store", "service_tier"],
      rename: { seed: "random_seed" },
      callIds: "nine",
      reasoningField: "none",
    },
    variants: [
      {
        // docs.mistral.ai/capabilities/reasoning: none or high.
        name: "models with adjustable reasoning",
        models: /mistral-(?:small-(?:latest|2603)|medium-3[.-]5)/i,
        quirks: { reasoningField: "reasoning_effort", efforts: ["high"], onEffort: "high" },
      },
    ],
  },
  {
    name: "Groq",
    match: { hosts: ["api.groq.com"], ids: ["groq"] },
    quirks: {
      // "`reasoning_effort` is not supported with this model" for most; console.groq.com/docs/openai: no logprobs.
      reasoningField: "none",
      refuses: ["logprobs", "top_logprobs", "logit_bias"],
      // What reasoning_format "raw" gives.
      thinkTags: true,
    },
    variants: [
      GPT_OSS,
      {
        // console.groq.com/docs/reasoning: none or default; raw is the default format, except with tools and JSON.
        name: "Qwen",
        models: /qwen/i,
        quirks: {
          reasoningField: "reasoning_effort",
          efforts: [],
          onEffort: "default",
          body: { reasoning_format: "parsed" },
        },
      },
    ],
  },
  {
    name: "Cerebras",
    match: { hosts: ["api.cerebras.ai"], ids: ["cerebras"] },
    quirks: {
      maxTokensField: "max_completion_tokens",
      // inference-docs.cerebras.ai/resources/openai: these are answered with 400.
      refuses: [...PENALTIES, "logit_bias", "service_tier"],
      reasoningField: "none",
      // inference-docs.cerebras.ai/capabilities/reasoning: Qwen's format is raw by default.
      thinkTags: true,
    },
    variants: [
      GPT_OSS,
      {
        // The same page: `none` turns it off, and it is on by default.
        name: "GLM",
        models: /glm/i,
        quirks: { reasoningField: "reasoning_effort", efforts: [], onEffort: false },
      },
    ],
  },
  {
    name: "xAI",
    match: { hosts: ["api.x.ai"], ids: ["xai", "x.ai", "x-ai", "grok"], models: /^(?:x-?ai\/)?grok-\d/i },
    // docs.x.ai, reasoning: grok-4.5 and newer know low, medium and high, and always think.
    quirks: { thinkingOff: false },
    variants: [
      {
        // The same page: "Adding them in the request would result in an error".
        name: "models that think",
        models: /grok-(?!.*non-reasoning)(?:3-mini|[4-9]|code|build|latest)/i,
        quirks: { refuses: [...PENALTIES, "stop"] },
      },
      {
        // "Model … does not support parameter reasoningEffort": the models before 4.3, but for 3-mini.
        name: "models without an effort",
        models: /grok-(?:2|3(?!-mini)|4(?=-|$)|4[.-](?:0|1|20)(?!\d)|code|.*non-reasoning)/i,
        quirks: { reasoningField: "none" },
      },
      { name: "grok-3-mini", models: /grok-3-mini/i, quirks: { efforts: ["low", "high"] } },
      { name: "grok-4.3", models: /grok-4[.-]3/i, quirks: { thinkingOff: true } },
    ],
  },
  {
    name: "OpenRouter",
    match: { hosts: ["openrouter.ai"], ids: ["openrouter"] },
    quirks: {
      // openrouter.ai/docs/use-cases/reasoning-tokens
      reasoningField: "reasoning",
      efforts: ["minimal", "low", "medium", "high", "xhigh"],
      sendReasoning: "reasoning",
      // openrouter.ai/docs/api-reference/parameters
      extendedSampling: true,
    },
    variants: [
      {
        // openrouter.ai/docs/features/prompt-caching: marks are for these; the others cache unasked. Their thoughts
        // are worth nothing without the signature, which is not carried so far.
        name: "Claude and Gemini",
        models: /^~?(?:anthropic|google)\//i,
        quirks: { cacheControl: true, sendReasoning: false },
      },
    ],
  },
  {
    name: "NVIDIA NIM",
    match: { hosts: ["integrate.api.nvidia.com"], ids: ["nvidia", "nim"] },
    // docs.nvidia.com/nim/large-language-models, "Reasoning Models", and the examples of build.nvidia.com.
    quirks: { reasoningField: "chat_template_kwargs", efforts: [], thinkTags: true },
    variants: [
      {
        name: "Nemotron 3",
        models: /nemotron-3/i,
        quirks: { budgetField: "reasoning_budget" },
      },
      { ...GPT_OSS, quirks: { ...GPT_OSS.quirks, efforts: ["low", "medium", "high"] } },
    ],
  },
  {
    name: "Together",
    match: { hosts: ["api.together.xyz", "api.together.ai"], ids: ["together", "togetherai"] },
    // docs.together.ai: `reasoning.enabled` for models that can do both; top_k, min_p and repetition_penalty are read.
    quirks: { reasoningField: "reasoning_enabled", extendedSampling: true, thinkTags: true },
    variants: [
      GPT_OSS,
      {
        name: "Qwen",
        models: /qwen/i,
        quirks: { reasoningField: "chat_template_kwargs", efforts: [] },
      },
    ],
  },
  {
    name: "vLLM, SGLang",
    match: { ids: ["vllm", "sglang"] },
    // docs.vllm.ai, "Reasoning Outputs": switches of the template; without a reasoning parser the tags stay in the text.
    quirks: {
      reasoningField: "chat_template_kwargs",
      efforts: [],
      extendedSampling: true,
      thinkTags: true,
    },
    variants: [{ ...GPT_OSS, quirks: { ...GPT_OSS.quirks, efforts: ["low", "medium", "high"] } }],
  },
  {
    name: "llama.cpp",
    match: { ids: ["llama.cpp", "llama-cpp", "llama_cpp", "llamacpp", "llama-server"] },
    // github.com/ggml-org/llama.cpp, tools/server/README.md.
    quirks: {
      // The effort is a switch of the template too: that is how gpt-oss is told.
      reasoningField: "chat_template_kwargs",
      extendedSampling: true,
      rename: { repetition_penalty: "repeat_penalty" },
      thinkTags: true,
      sendReasoning: "reasoning_content",
      blankReasoning: false,
      // A named tool is taken for "auto" in silence.
      toolChoice: "words",
    },
  },
  {
    name: "LM Studio",
    match: { hosts: [":1234"], ids: ["lmstudio", "lm-studio", "lm_studio"] },
    quirks: {
      // "Invalid tool_choice type: 'object'": lmstudio-bug-tracker#670.
      toolChoice: "words",
      // "'response_format.type' must be 'json_schema' or 'text'": lmstudio-bug-tracker#189.
      outputs: "json_schema",
      // lmstudio.ai/docs, OpenAI compatibility: top_k and repeat_penalty are read.
      extendedSampling: true,
      rename: { repetition_penalty: "repeat_penalty" },
      refuses: ["min_p"],
      // Thoughts get a field of their own only where a setting of the app says so.
      thinkTags: true,
    },
  },
];

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
