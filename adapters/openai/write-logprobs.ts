import { isObject, type Json, toWord } from "../validate.ts";

/** Token probabilities as chat completions have them: all fields of every token, the words of a refusal apart. */
export function toChatLogprobs(logprobs: unknown[], refused = false): Record<"content" | "refusal", unknown> {
  const tokens = logprobs.filter(isObject).map((entry) => ({
    ...toToken(entry),
    top_logprobs: topOf(entry).map(toToken),
  }));
  return refused ? { content: null, refusal: tokens } : { content: tokens, refusal: null };
}

/** The same in the older shape: four lists side by side. `offset`: where the first token stands. */
export function toTextLogprobs(logprobs: unknown[], offset = 0): Record<string, unknown[]> {
  const entries = logprobs.filter(isObject).map((entry) => ({
    token: textOf(entry.token),
    logprob: entry.logprob ?? null,
    top: topOf(entry),
  }));
  let at = offset;
  return {
    tokens: entries.map(({ token }) => token),
    token_logprobs: entries.map(({ logprob }) => logprob),
    top_logprobs: entries.map(({ top }) =>
      Object.fromEntries(top.map((item) => [textOf(item.token), item.logprob])),
    ),
    text_offset: entries.map(({ token }) => {
      const start = at;
      at += token.length;
      return start;
    }),
  };
}

const toToken = (entry: Json): Json => ({
  ...entry,
  token: textOf(entry.token),
  bytes: Array.isArray(entry.bytes) ? entry.bytes : null,
});

const topOf = (entry: Json): Json[] =>
  Array.isArray(entry.top_logprobs) ? entry.top_logprobs.filter(isObject) : [];

const textOf = (value: unknown): string => (typeof value === "string" ? value : toWord(value ?? ""));
