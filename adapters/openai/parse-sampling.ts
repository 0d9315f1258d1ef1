import { compact, optionalInteger, optionalNumber, optionalStrings, type Json } from "../validate.ts";
import type { Sampling } from "../unified.ts";

export function parseSampling(json: Json): Sampling | undefined {
  const newLimit = optionalInteger(json.max_completion_tokens, "max_completion_tokens");
  const limit = newLimit ?? optionalInteger(json.max_tokens, "max_tokens");
  const sampling = compact<Sampling>({
    temperature: optionalNumber(json.temperature, "temperature"),
    topP: optionalNumber(json.top_p, "top_p"),
    topK: optionalNumber(json.top_k, "top_k"),
    minP: optionalNumber(json.min_p, "min_p"),
    seed: optionalInteger(json.seed, "seed"),
    // LM Studio's clients write -1 for "no limit".
    maxTokens: limit !== undefined && limit > 0 ? limit : undefined,
    stop: optionalStrings(json.stop, "stop"),
    presencePenalty: optionalNumber(json.presence_penalty, "presence_penalty"),
    frequencyPenalty: optionalNumber(json.frequency_penalty, "frequency_penalty"),
    repeatPenalty: optionalNumber(json.repetition_penalty, "repetition_penalty"),
  });
  return Object.keys(sampling).length ? sampling : undefined;
}
