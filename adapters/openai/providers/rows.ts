import type { Quirks } from "../quirks.ts";

/** A provider, and what is known of it. */
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

/** A penalty other than 0 is an error with many. */
export const PENALTIES = ["presence_penalty", "frequency_penalty"] as const;

/** OpenAI's open models know efforts where others have a switch (vLLM, Together and Groq: their pages on reasoning). */
export const GPT_OSS: ModelRow = {
  name: "gpt-oss",
  models: /gpt-oss/i,
  quirks: { reasoningField: "reasoning_effort" },
};
