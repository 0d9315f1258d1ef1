import { GPT_OSS, PENALTIES, type ProviderRow } from "./rows.ts";

/** Who serves the models of others. */
export const HOSTS: readonly ProviderRow[] = [
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
    name: "OpenRouter",
    match: { hosts: ["openrouter.ai"], ids: ["openrouter"] },
    quirks: {
      // openrouter.ai/docs/use-cases/reasoning-tokens
      reasoningField: "reasoning",
      efforts: ["minimal", "low", "medium", "high", "xhigh"],
      sendReasoning: "reasoning",
      // openrouter.ai/docs/guides/best-practices/reasoning-tokens, "Preserving Reasoning Blocks".
      reasoningDetails: true,
      // openrouter.ai/docs/api-reference/parameters
      extendedSampling: true,
    },
    variants: [
      {
        // openrouter.ai/docs/features/prompt-caching: marks are for these; the others cache unasked. Their thoughts are
        // worth nothing without a signature.
        name: "Claude and Gemini",
        models: /^~?(?:anthropic|google)\//i,
        quirks: { cacheControl: true, sendReasoning: false },
      },
      // "Invalid `signature` in `thinking` block", "Thought signature is not valid": what another maker signed or hid
      // (RooCodeInc/Roo-Code#10640). The formats stand in the SDK's `ReasoningFormat`.
      { name: "Claude", models: /^~?anthropic\//i, quirks: { detailFormats: ["anthropic-"] } },
      { name: "Gemini", models: /^~?google\//i, quirks: { detailFormats: ["google-"] } },
      {
        // "Function call is missing a thought_signature": the word with which Google skips the check, in the form that
        // OpenRouter reads (RooCodeInc/Roo-Code#10640).
        name: "Gemini 3 and newer",
        models: /^~?google\/gemini-(?:[3-9]|\d\d)/i,
        quirks: {
          lostDetail: {
            type: "reasoning.encrypted",
            data: "skip_thought_signature_validator",
            format: "google-gemini-v1",
            index: 0,
          },
        },
      },
      { name: "GPT", models: /^~?openai\//i, quirks: { detailFormats: ["openai-", "azure-openai-"] } },
      { name: "Grok", models: /^~?x-ai\//i, quirks: { detailFormats: ["xai-"] } },
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
        // docs.together.ai/docs/glm-5.3-quickstart: "Thinking cannot be disabled".
        name: "GLM-5.3 and newer",
        models: /glm-(?:5\.(?:[3-9]|\d\d)|[6-9])(?!\d)/i,
        quirks: {
          reasoningField: "reasoning_effort",
          efforts: ["low", "medium", "high", "max"],
          thinkingOff: false,
        },
      },
      {
        name: "Qwen",
        models: /qwen/i,
        quirks: { reasoningField: "chat_template_kwargs", efforts: [] },
      },
    ],
  },
];
