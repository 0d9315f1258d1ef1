import type { ProviderConfig } from "../../storage/types.ts";
import { isLocal, toPlain } from "../own-address.ts";

/** A service that needs no address to be typed: `ccproxy provider add <id>` knows the rest. */
export interface KnownProvider {
  /** The name it gets; its peculiarities are known by it and by the host (`adapters/openai/providers`). */
  id: string;
  label: string;
  protocol: string;
  baseUrl: string;
  /** Variables that hold its key by custom, the usual one first. None: it takes no key. */
  keys: readonly string[];
  /** A variable that names another address for it: a key in the environment belongs to that one. */
  urlVariable?: string;
  /** Where a key is to be had; of one that runs on this machine, what starts it. */
  from: string;
  /** Those variables serve other purposes, too: that they are set says little. */
  shared?: true;
  /** Runs on the user's own machine: offered where it answers. */
  local?: true;
  /** What must be configured beyond that. */
  settings?: Partial<ProviderConfig>;
  /** What its users should know, in a few words. */
  note?: string;
}

/** As the services' own documentation gives them; read in November 2026. */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    id: "openrouter",
    label: "OpenRouter",
    protocol: "openai",
    baseUrl: "https://openrouter.ai/api/v1",
    keys: ["OPENROUTER_API_KEY"],
    from: "https://openrouter.ai/settings/keys",
    note: "hundreds of models, some free",
  },
  {
    id: "anthropic",
    label: "Anthropic (Claude)",
    protocol: "claude",
    baseUrl: "https://api.anthropic.com",
    keys: ["ANTHROPIC_API_KEY"],
    urlVariable: "ANTHROPIC_BASE_URL",
    from: "https://console.anthropic.com/settings/keys",
  },
  {
    id: "openai",
    label: "OpenAI",
    protocol: "openai",
    baseUrl: "https://api.openai.com/v1",
    keys: ["OPENAI_API_KEY"],
    urlVariable: "OPENAI_BASE_URL",
    from: "https://platform.openai.com/api-keys",
  },
  {
    id: "gemini",
    label: "Google Gemini",
    protocol: "gemini",
    baseUrl: "https://generativelanguage.googleapis.com",
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    urlVariable: "GOOGLE_GEMINI_BASE_URL",
    from: "https://aistudio.google.com/apikey",
    note: "has a free tier",
  },
  {
    id: "ollama",
    label: "Ollama on this machine",
    protocol: "ollama",
    baseUrl: "http://127.0.0.1:11434",
    keys: [],
    urlVariable: "OLLAMA_HOST",
    from: "https://ollama.com/download, then 'ollama serve'",
    local: true,
  },
  {
    id: "lmstudio",
    label: "LM Studio",
    protocol: "openai",
    baseUrl: "http://127.0.0.1:1234/v1",
    keys: [],
    from: "https://lmstudio.ai, then start its server on the Developer page",
    local: true,
  },
  {
    id: "llamacpp",
    label: "llama.cpp",
    protocol: "openai",
    baseUrl: "http://127.0.0.1:8080/v1",
    keys: [],
    from: "llama-server -m model.gguf --jinja",
    local: true,
    note: "--jinja gives it native tools",
  },
  {
    id: "vllm",
    label: "vLLM",
    protocol: "openai",
    baseUrl: "http://127.0.0.1:8000/v1",
    keys: [],
    from: "vllm serve <model> --enable-auto-tool-choice --tool-call-parser <parser>",
    local: true,
  },
  {
    id: "deepseek",
    label: "DeepSeek",
    protocol: "openai",
    baseUrl: "https://api.deepseek.com",
    keys: ["DEEPSEEK_API_KEY"],
    from: "https://platform.deepseek.com/api_keys",
  },
  {
    id: "groq",
    label: "Groq",
    protocol: "openai",
    baseUrl: "https://api.groq.com/openai/v1",
    keys: ["GROQ_API_KEY"],
    from: "https://console.groq.com/keys",
    note: "fast, has a free tier",
  },
  {
    id: "mistral",
    label: "Mistral",
    protocol: "openai",
    baseUrl: "https://api.mistral.ai/v1",
    keys: ["MISTRAL_API_KEY"],
    from: "https://console.mistral.ai/api-keys",
  },
  {
    id: "xai",
    label: "xAI (Grok)",
    protocol: "openai",
    baseUrl: "https://api.x.ai/v1",
    keys: ["XAI_API_KEY"],
    from: "https://console.x.ai",
  },
  {
    id: "moonshot",
    label: "Moonshot (Kimi)",
    protocol: "openai",
    baseUrl: "https://api.moonshot.ai/v1",
    keys: ["MOONSHOT_API_KEY"],
    from: "https://platform.moonshot.ai/console/api-keys",
    note: "in China: https://api.moonshot.cn/v1",
  },
  {
    id: "qwen",
    label: "Qwen (Alibaba Model Studio, DashScope)",
    protocol: "openai",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    keys: ["DASHSCOPE_API_KEY"],
    from: "https://modelstudio.console.alibabacloud.com",
    note: "in China: https://dashscope.aliyuncs.com/compatible-mode/v1",
  },
  {
    id: "zai",
    label: "Z.ai (GLM)",
    protocol: "openai",
    baseUrl: "https://api.z.ai/api/paas/v4",
    keys: ["ZAI_API_KEY"],
    from: "https://z.ai/manage-apikey/apikey-list",
    note: "Coding Plan: https://api.z.ai/api/coding/paas/v4",
  },
  {
    id: "minimax",
    label: "MiniMax",
    protocol: "openai",
    baseUrl: "https://api.minimax.io/v1",
    keys: ["MINIMAX_API_KEY"],
    from: "https://platform.minimax.io/user-center/basic-information/interface-key",
  },
  {
    id: "nvidia",
    label: "NVIDIA NIM",
    protocol: "openai",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    keys: ["NVIDIA_API_KEY"],
    from: "https://build.nvidia.com/settings/api-keys",
    note: "has a free tier",
  },
  {
    id: "cerebras",
    label: "Cerebras",
    protocol: "openai",
    baseUrl: "https://api.cerebras.ai/v1",
    keys: ["CEREBRAS_API_KEY"],
    from: "https://cloud.cerebras.ai",
    note: "fast, has a free tier",
  },
  {
    id: "together",
    label: "Together",
    protocol: "openai",
    baseUrl: "https://api.together.xyz/v1",
    keys: ["TOGETHER_API_KEY"],
    from: "https://api.together.ai/settings/api-keys",
  },
  {
    id: "fireworks",
    label: "Fireworks",
    protocol: "openai",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    keys: ["FIREWORKS_API_KEY"],
    from: "https://app.fireworks.ai/settings/users/api-keys",
  },
  {
    id: "sambanova",
    label: "SambaNova",
    protocol: "openai",
    baseUrl: "https://api.sambanova.ai/v1",
    keys: ["SAMBANOVA_API_KEY"],
    from: "https://cloud.sambanova.ai/apis",
  },
  {
    id: "github",
    label: "GitHub Models",
    protocol: "openai",
    baseUrl: "https://models.github.ai/inference",
    keys: ["GITHUB_MODELS_TOKEN", "GITHUB_TOKEN"],
    shared: true,
    from: "https://github.com/settings/personal-access-tokens (permission 'models: read')",
    // Its catalogue is no OpenAI list.
    settings: { models: ["openai/gpt-4.1-mini", "openai/gpt-4.1", "deepseek/DeepSeek-V3-0324"] },
    note: "has no list of models: name those you want",
  },
  {
    id: "huggingface",
    label: "Hugging Face (Inference Providers)",
    protocol: "openai",
    baseUrl: "https://router.huggingface.co/v1",
    keys: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    shared: true,
    from: "https://huggingface.co/settings/tokens (permission 'Inference Providers')",
  },
  {
    id: "ollama-cloud",
    label: "Ollama cloud",
    protocol: "ollama",
    baseUrl: "https://ollama.com",
    keys: ["OLLAMA_API_KEY"],
    from: "https://ollama.com/settings/keys",
  },
];

/** A known provider by its name, whatever the case. */
export const findKnownProvider = (id: string): KnownProvider | undefined =>
  KNOWN_PROVIDERS.find((known) => known.id === id.toLowerCase());

/** What is known of it, as the configuration has it: its key by the variable that is set, its address likewise. */
export function toProviderConfig(
  known: KnownProvider,
  env: Record<string, string | undefined>,
): ProviderConfig {
  const { protocol, settings } = known;
  const key = findKeyVariable(known, env) ?? known.keys[0];
  return {
    protocol,
    baseUrl: toBaseUrl(known, env),
    ...(key !== undefined && { keys: [`env:${key}`] }),
    ...settings,
  };
}

function toBaseUrl(
  { baseUrl, urlVariable, local }: KnownProvider,
  env: Record<string, string | undefined>,
): string {
  const url = toPlain((urlVariable && env[urlVariable]) || "");
  if (!url) return baseUrl;
  // 'ccproxy env' points these at ccproxy itself.
  if (!local && url.port === "11434" && isLocal(url.hostname)) return baseUrl;
  // What a server listens on is reached on loopback.
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  return url.href.replace(/\/$/, "");
}

/** The variable of its that is set. */
export const findKeyVariable = (
  { keys }: KnownProvider,
  env: Record<string, string | undefined>,
): string | undefined => keys.find((name) => env[name]?.trim());
