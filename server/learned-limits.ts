import type { GatewayError } from "../adapters/errors.ts";
import type { StateStore } from "../storage/types.ts";

/** What a model may turn out not to have. */
export type Feature = "tools" | "thinking";

/** What was learnt from providers' refusals, so that a model is not asked again for what it does not have. */
export interface LearnedLimits {
  /** Whether the provider refused the feature for this model within the last days. */
  lacks: (feature: Feature, providerId: string, model: string) => boolean;
  learn: (feature: Feature, providerId: string, model: string) => void;
  /** Reads what earlier runs learnt. */
  load: () => Promise<void>;
}

export function createLearnedLimits(state: StateStore): LearnedLimits {
  const learned = new Set<string>();
  const toKey = (feature: Feature, providerId: string, model: string): string =>
    `${PREFIX}${feature}:${providerId}/${model}`;
  return {
    lacks: (feature, providerId, model) => learned.has(toKey(feature, providerId, model)),
    learn(feature, providerId, model) {
      const key = toKey(feature, providerId, model);
      learned.add(key);
      // Losing it costs one refused request.
      state.set(key, true, REMEMBER_MS).catch(() => undefined);
    },
    async load() {
      for (const key of await state.keys(PREFIX)) {
        if (await state.get(key)) learned.add(key);
      }
    },
  };
}

/**
 * The feature that a provider's error says the model does not have, in the words of Ollama, OpenAI, OpenRouter, vLLM,
 * llama.cpp, Groq and others; undefined for any other error.
 */
export function readRefusal(error: GatewayError): Feature | undefined {
  if (error.kind !== "invalid-request" && error.kind !== "not-found" && error.kind !== "unsupported")
    return undefined;
  if (error.code === "tools_not_supported") return "tools";
  if (error.code === "thinking_not_supported") return "thinking";
  return PHRASES.find(([, phrase]) => phrase.test(error.message))?.[0];
}

const PHRASES: [Feature, RegExp][] = [
  ["tools", /(?:not|n['’]t) support (?:the )?(?:use of )?(?:tools?|functions?)\b/i],
  ["tools", /(?:not|n['’]t) support (?:tool|function)[ _-](?:call|use|choice)/i],
  [
    "tools",
    /(?:tools?|functions?)(?:[ _-](?:calling|calls|use|choice))?['"`]? (?:is|are) not (?:supported|enabled|available)/i,
  ],
  ["tools", /function calling not support/i],
  ["tools", /no endpoints found that support tool use/i],
  ["tools", /tool choice requires --enable-auto-tool-choice/i],
  ["tools", /tools param requires --jinja/i],
  ["thinking", /(?:not|n['’]t) support (?:the )?(?:thinking|reasoning)\b/i],
  [
    "thinking",
    /(?:thinking|reasoning|reasoning_effort|reasoning\.effort)['"`]? (?:is|are) not (?:supported|available)/i,
  ],
  [
    "thinking",
    /(?:unsupported|unrecognized|unknown)[^.]{0,40}(?:parameter|argument|field)[^.]{0,20}(?:reasoning|thinking)/i,
  ],
];

const PREFIX = "lacks:";
const REMEMBER_MS = 7 * 24 * 3_600_000;
