import { PENALTIES, type ProviderRow } from "./rows.ts";

/** Who serves the models it made. */
export const MAKERS: readonly ProviderRow[] = [
  {
    name: "OpenAI",
    match: { hosts: ["api.openai.com", "openai.azure.com"] },
    // What its models ask for stands in MODELS: it is the same wherever they run.
    // Each says so of itself, on its page on (context) caching: it is done unasked.
    quirks: { cachesPrompts: true },
    variants: [
      {
        // The openai package, on the message: "With o1 models and newer, use developer messages". o1-mini knows neither.
        name: "o-series, gpt-5 and newer",
        models: /^(?:o1(?!-(?:mini|preview))|o[2-9]|gpt-(?:[5-9]|1\d)(?!\d))(?!.*chat)/i,
        quirks: { developerRole: true },
      },
      {
        // developers.openai.com, "Function calling": custom tools came with gpt-5.
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
      cachesPrompts: true,
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
      cachesPrompts: true,
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
      cachesPrompts: true,
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
      cachesPrompts: true,
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
    variants: [
      {
        // docs.z.ai/guides/llm/glm-5.2: two levels, `max` by default.
        name: "GLM-5.2",
        models: /glm-5[.-]2(?!\d)/i,
        quirks: { efforts: ["high", "max"] },
      },
      {
        // "This model always engages in thinking and cannot be disabled; please use low, high, or max", which is said to
        // a `thinking` of type disabled as well: NousResearch/hermes-agent#97286. Without a word it thinks at `max`.
        name: "GLM-5.3 and newer",
        models: /glm-(?:5[.-](?:[3-9]|\d\d)|[6-9])(?!\d)/i,
        quirks: { reasoningField: "reasoning_effort", efforts: ["low", "high", "max"], thinkingOff: false },
      },
    ],
  },
  {
    name: "MiniMax",
    match: { hosts: ["api.minimax.io", "api.minimaxi.com", "api.minimax.chat"], ids: ["minimax"] },
    quirks: {
      cachesPrompts: true,
      // platform.minimax.io/docs/api-reference/text-openai-api: thoughts apart from the text with reasoning_split, all
      // of the answer to be sent back, temperature above 0 and up to 1.
      body: { reasoning_split: true },
      sendReasoning: "reasoning_details",
      reasoningDetails: true,
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
    name: "xAI",
    match: { hosts: ["api.x.ai"], ids: ["xai", "x.ai", "x-ai", "grok"], models: /^(?:x-?ai\/)?grok-\d/i },
    // docs.x.ai, reasoning: grok-4.5 and newer know low, medium and high, and always think.
    quirks: {
      cachesPrompts: true,
      thinkingOff: false,
    },
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
];
