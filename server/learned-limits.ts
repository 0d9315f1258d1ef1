import type { GatewayError } from "../adapters/errors.ts";
import type { Capability, StateStore } from "../storage/types.ts";

/** What a model may turn out not to have. */
export type Feature = Capability | "streaming";

/** What was learnt from providers' refusals, so that a model is not asked again for what it does not have. */
export interface LearnedLimits {
  /** Whether the provider refused the feature for this model within the last days. */
  lacks: (feature: Feature, providerId: string, model: string) => boolean;
  learn: (feature: Feature, providerId: string, model: string) => void;
  /** Reads what earlier runs learnt. */
  load: () => Promise<void>;
}

export function createLearnedLimits(state: StateStore, now: () => number = Date.now): LearnedLimits {
  /** When it is to be tried again, in milliseconds since 1970. */
  const learned = new Map<string, number>();
  const toKey = (feature: Feature, providerId: string, model: string): string =>
    `${PREFIX}${feature}:${providerId}/${model}`;
  return {
    lacks: (feature, providerId, model) =>
      learned.size > 0 && (learned.get(toKey(feature, providerId, model)) ?? 0) > now(),
    learn(feature, providerId, model) {
      const key = toKey(feature, providerId, model);
      const until = now() + REMEMBER_MS;
      learned.set(key, until);
      // Losing it costs one refused request.
      state.set(key, until, REMEMBER_MS).catch(() => undefined);
    },
    async load() {
      for (const key of await state.keys(PREFIX)) {
        const until = await state.get(key);
        if (typeof until === "number") learned.set(key, until);
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
  if (error.code === "image_not_supported") return "vision";
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
  [
    "vision",
    /(?:not|n['’]t) (?:currently )?support (?:the )?(?:input of )?(?:images?|vision|image[ _-]input|multimodal)\b/i,
  ],
  [
    "vision",
    /(?:image|vision|multimodal)(?:[ _-](?:input|content|url)s?|s)?['"`]? (?:is|are) not (?:supported|enabled|available)/i,
  ],
  ["vision", /no endpoints found that support image input/i],
  ["vision", /at most 0 image/i],
  ["vision", /(?:image input|images?)[^.]{0,40}(?:mmproj|multimodal projector)/i],
  ["vision", /missing data required for image input/i],
  ["vision", /unknown variant `?image_url/i],
  ["vision", /is not a multimodal model/i],
  [
    "json",
    /(?:not|n['’]t) support (?:the )?(?:json[ _-]?(?:mode|schema|object)|response[ _-]?format|structured[ _-]outputs?)/i,
  ],
  [
    "json",
    /(?:json[ _-]?(?:mode|schema)|response[ _-]?format(?:\.type)?|structured[ _-]outputs?|guided decoding)['"`]?(?: type)?(?: is| are)? (?:not (?:supported|enabled|available)|unavailable)/i,
  ],
  [
    "json",
    /(?:unsupported|unrecognized|unknown)[^.]{0,40}(?:parameter|argument|field)[^.]{0,20}response_?format/i,
  ],
  ["json", /this response_format type is unavailable/i],
  // OpenAI streams some models only for organisations that were verified, and some sounds not at all.
  ["streaming", /must be verified to stream/i],
  ["streaming", /(?:not|n['’]t) support (?:the )?stream(?:ing|ed)?\b/i],
  ["streaming", /stream(?:ing)?['"`]? (?:is|are) not (?:supported|enabled|available|allowed)/i],
  ["streaming", /\bstream ?= ?true\b/i],
];

const PREFIX = "lacks:";
const REMEMBER_MS = 7 * 24 * 3_600_000;
