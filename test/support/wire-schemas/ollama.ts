import {
  anyObject,
  array,
  count,
  is,
  must,
  name,
  number,
  object,
  oneOf,
  string,
  type Frame,
  type WireRules,
} from "./schema.ts";

/**
 * Ollama's `/api/chat`, after what Ollama writes: https://github.com/ollama/ollama/blob/main/docs/api.md. Its SDK
 * declares less; Go clients read times and counts into types that break on anything else.
 */
export const ollamaTime = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$",
};
const token = { token: string, logprob: number };
const message = object(
  { role: is("assistant"), content: string },
  {
    thinking: name,
    images: { ...array(name), minItems: 1 } as Record<string, unknown>,
    tool_calls: {
      type: "array",
      minItems: 1,
      items: object(
        { id: name, function: object({ index: count, name, arguments: anyObject }) },
        // Strict readers of an earlier Ollama know no such key.
        { type: false },
      ),
    },
  },
);
const head = { model: name, created_at: ollamaTime, message };
export const ollamaLogprobs = array(object(token, { top_logprobs: array(object(token)) }));
export const positive = { type: "integer", minimum: 1 };
/** Each is left out where it is 0, as Go does; only counts can be. */
export const ollamaCounts = { prompt_eval_count: positive, eval_count: positive };
export const ollamaDurations = {
  total_duration: positive,
  load_duration: positive,
  prompt_eval_duration: positive,
  eval_duration: positive,
};
export const forbid = (fields: object): Record<string, false> =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, false]));

const last = object(
  { ...head, done: is(true), done_reason: oneOf("stop", "length"), ...ollamaDurations },
  { ...ollamaCounts, logprobs: ollamaLogprobs },
);
/** More than the one text would be for other protocols' clients. */
const failure = { ...object({ error: name }), additionalProperties: false };

export const ollama: WireRules = {
  framing: "ndjson",
  contentTypes: {
    whole: /^application\/json; charset=utf-8$/,
    stream: /^application\/x-ndjson$/,
    error: /^application\/json(?:; charset=utf-8)?$/,
  },
  whole: last,
  frames: {
    piece: object(
      { ...head, done: is(false) },
      { ...forbid(ollamaDurations), ...forbid(ollamaCounts), done_reason: false, logprobs: ollamaLogprobs },
    ),
    last,
    error: failure,
  },
  kindOf: ({ error, done }) => (error === undefined ? (done === true ? "last" : "piece") : "error"),
  error: failure,
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  let calls = 0;
  frames.forEach(({ data }, index) => {
    if (data === "[DONE]") return;
    const ends = data.done === true || data.error !== undefined;
    must(ends === (index === frames.length - 1), "one line with done: true or an error, and it is the last");
    const said = data.message as { tool_calls?: { function: { index: number } }[] } | undefined;
    for (const call of said?.tool_calls ?? []) {
      must(call.function.index === calls++, `call ${call.function.index} is out of order`);
    }
  });
}
