import { compact, isObject, type Json } from "../validate.ts";

/** Token probabilities as Ollama has them: what is empty is absent, where OpenAI says `null` or `[]`. */
export const writeLogprobs = (logprobs: readonly unknown[]): Json[] =>
  logprobs.filter(isObject).map((entry) => {
    const top = Array.isArray(entry.top_logprobs) ? entry.top_logprobs.filter(isObject) : [];
    return { ...toToken(entry), ...(top.length && { top_logprobs: top.map(toToken) }) };
  });

function toToken({ token, logprob, bytes }: Json): Json {
  const filled = Array.isArray(bytes) && bytes.length > 0 ? bytes : undefined;
  return compact({ token: typeof token === "string" ? token : "", logprob, bytes: filled });
}
