import { GPT_OSS, type ProviderRow } from "./rows.ts";

/** Servers that people run themselves. */
export const LOCAL: readonly ProviderRow[] = [
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
