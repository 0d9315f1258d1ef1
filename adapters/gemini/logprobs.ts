import { isObject, type Json } from "../validate.ts";
import { readField } from "./read-field.ts";

/** `logprobsResult` as OpenAI's list of tokens, which is the unified form. */
export function readLogprobs(result: unknown): unknown[] {
  if (!isObject(result)) return [];
  const top = listOf(readField(result, "topCandidates"));
  return listOf(readField(result, "chosenCandidates")).flatMap((chosen, index) => {
    if (!isObject(chosen)) return [];
    const others = top[index];
    const candidates = isObject(others) ? listOf(others.candidates).filter(isObject) : [];
    return [{ ...toToken(chosen), top_logprobs: candidates.map(toToken) }];
  });
}

export function writeLogprobs(logprobs: unknown[]): Json {
  const tokens = logprobs.filter(isObject);
  const isTop = tokens.some((token) => listOf(token.top_logprobs).length > 0);
  return {
    chosenCandidates: tokens.map(toCandidate),
    ...(isTop && {
      topCandidates: tokens.map((token) => ({
        candidates: listOf(token.top_logprobs).filter(isObject).map(toCandidate),
      })),
    }),
  };
}

/** `avgLogprobs`: the mean of all tokens, which Gemini gives at the end. */
export function toAverage(logprobs: unknown[]): number | undefined {
  const scores = logprobs.flatMap((token) =>
    isObject(token) && typeof token.logprob === "number" ? [token.logprob] : [],
  );
  return scores.length ? scores.reduce((sum, score) => sum + score, 0) / scores.length : undefined;
}

function toToken(candidate: Json): Json {
  const token = typeof candidate.token === "string" ? candidate.token : "";
  const logprob = readField(candidate, "logProbability");
  return {
    token,
    logprob: typeof logprob === "number" ? logprob : 0,
    bytes: [...Buffer.from(token, "utf8")],
  };
}

const toCandidate = ({ token, logprob }: Json): Json => ({ token, logProbability: logprob });

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
