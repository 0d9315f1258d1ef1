import { compact } from "../validate.ts";
import type { BuildContext } from "./build-context.ts";

/** The sampling fields, under their plain names. */
export function buildSampling(
  { request, quirks, dropped }: BuildContext,
  extra: Record<string, unknown>,
): Record<string, unknown> {
  const sampling = request.sampling ?? {};
  const { topK, minP, repeatPenalty } = sampling;
  const extended =
    topK === undefined && minP === undefined && repeatPenalty === undefined
      ? undefined
      : { top_k: topK, min_p: minP, repetition_penalty: repeatPenalty };
  if (extended && !quirks.extendedSampling) {
    // A client of this protocol that sent them knows its provider: they are among the fields passed on.
    for (const [name, value] of Object.entries(extended)) {
      if (value !== undefined && !(name in extra)) dropped.push(name);
    }
  }
  return {
    temperature: toTemperature(sampling.temperature, quirks.temperatures, dropped),
    top_p: sampling.topP,
    ...(extended && quirks.extendedSampling && compact(extended)),
    [quirks.maxTokensField]: sampling.maxTokens,
    stop: sampling.stop,
    seed: sampling.seed,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
  };
}

function toTemperature(
  wanted: number | undefined,
  taken: readonly [number, number] | undefined,
  dropped: string[],
): number | undefined {
  if (wanted === undefined || !taken) return wanted;
  const [lowest, highest] = taken;
  if (wanted > highest) dropped.push(`temperature above ${highest}`);
  return Math.min(Math.max(wanted, lowest), highest);
}
