import type { UnifiedRequest, Usage } from "../unified.ts";
import { isObject } from "../validate.ts";
import { readField } from "./read-field.ts";
import type { WireUsage } from "./wire.ts";

/** Gemini counts thoughts beside the answer's tokens and tool prompts beside the prompt's; we count both in. */
export function readUsage(value: unknown, known: Usage | undefined): Usage | undefined {
  if (!isObject(value)) return known;
  const count = (name: string): number | undefined => {
    const number = readField(value, name);
    return typeof number === "number" && number >= 0 ? number : undefined;
  };
  const prompt = count("promptTokenCount");
  const answer = count("candidatesTokenCount");
  const thoughts = count("thoughtsTokenCount");
  const cached = count("cachedContentTokenCount");
  const total = count("totalTokenCount");
  const input = prompt === undefined ? undefined : prompt + (count("toolUsePromptTokenCount") ?? 0);
  // Answers of thoughts alone have no count of their own.
  const output =
    answer ?? (total === undefined || input === undefined ? undefined : total - input - (thoughts ?? 0));
  const cachedTokens = cached ?? known?.cachedTokens;
  const reasoningTokens = thoughts ?? known?.reasoningTokens;
  return {
    inputTokens: input ?? known?.inputTokens ?? 0,
    outputTokens: output === undefined ? (known?.outputTokens ?? 0) : Math.max(0, output) + (thoughts ?? 0),
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}

/** Counts by modality only where all of the prompt is text: of others nobody says how they are shared out. */
export function writeUsage(usage: Usage | undefined, request: UnifiedRequest): WireUsage {
  const input = usage?.inputTokens ?? 0;
  const output = usage?.outputTokens ?? 0;
  const cached = usage?.cachedTokens || undefined;
  const thoughts = usage?.reasoningTokens || undefined;
  const isText = input > 0 && isAllText(request);
  return {
    promptTokenCount: input,
    candidatesTokenCount: Math.max(0, output - (thoughts ?? 0)),
    totalTokenCount: input + output,
    ...(cached !== undefined && { cachedContentTokenCount: cached }),
    ...(isText && { promptTokensDetails: [{ modality: "TEXT", tokenCount: input }] }),
    ...(isText && cached !== undefined && { cacheTokensDetails: [{ modality: "TEXT", tokenCount: cached }] }),
    ...(thoughts !== undefined && { thoughtsTokenCount: thoughts }),
  };
}

/** What is known before the answer, for the pieces of a stream; of the prompt alone, if anything. */
export const writeFirstUsage = (usage: Usage | undefined, request: UnifiedRequest): WireUsage | undefined =>
  usage && usage.inputTokens > 0
    ? writeUsage({ ...usage, outputTokens: 0, reasoningTokens: 0 }, request)
    : undefined;

export const isAllText = ({ messages }: UnifiedRequest): boolean =>
  messages.every(({ content }) =>
    content.every((part) =>
      part.type === "tool-result" ? part.content.every(isText) : part.type !== "media",
    ),
  );

const isText = ({ type }: { type: string }): boolean => type === "text";
