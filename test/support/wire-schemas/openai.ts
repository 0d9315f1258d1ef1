import type { Json } from "../../../adapters/validate.ts";
import {
  array,
  byType,
  count,
  is,
  must,
  name,
  nullable,
  number,
  object,
  oneOf,
  string,
  type Frame,
  type WireRules,
} from "./schema.ts";

/** Chat completions, after `ChatCompletion` and `ChatCompletionChunk` of the SDK `openai`. */
export const openaiTokens = object(
  { prompt_tokens: count, completion_tokens: count, total_tokens: count },
  {
    prompt_tokens_details: object(
      {},
      { cached_tokens: count, audio_tokens: count, cache_write_tokens: count },
    ),
    completion_tokens_details: object(
      {},
      {
        reasoning_tokens: count,
        audio_tokens: count,
        accepted_prediction_tokens: count,
        rejected_prediction_tokens: count,
      },
    ),
  },
);
const bytes = nullable(array(count));
const token = { token: string, bytes, logprob: number };
const tokenList = nullable(array(object({ ...token, top_logprobs: array(object(token)) })));
const logprobs = nullable(object({ content: tokenList, refusal: tokenList }));
const reason = oneOf("stop", "length", "tool_calls", "content_filter", "function_call");

/** Google's own, where its signature of a call stands in this protocol. */
const signed = { extra_content: object({ google: object({ thought_signature: name }) }) };
const call = byType({
  function: object({ id: name, function: object({ name, arguments: string }) }, signed),
  custom: object({ id: name, custom: object({ name, input: string }) }),
});
const annotations = array(
  object({
    type: is("url_citation"),
    // The words of the source are OpenRouter's.
    url_citation: object(
      { start_index: count, end_index: count, title: string, url: name },
      { content: string },
    ),
  }),
);
const audio = object({ id: name, data: string, expires_at: count, transcript: string });
/** What OpenAI itself does not have: thoughts as DeepSeek or OpenRouter, pictures as OpenRouter write them. */
const beyond = {
  reasoning_content: string,
  reasoning: string,
  images: array(object({ type: is("image_url"), image_url: object({ url: name }) }, { index: count })),
};
const message = object(
  { role: is("assistant"), content: nullable(string), refusal: nullable(string) },
  {
    ...beyond,
    annotations,
    audio: nullable(audio),
    tool_calls: { ...(array(call) as object), minItems: 1 },
    function_call: nullable(object({ name, arguments: string })),
  },
);
export const openaiHead = { id: name, created: count, model: name };
export const openaiServed = {
  service_tier: nullable(oneOf("auto", "default", "flex", "scale", "priority", "fast")),
  system_fingerprint: name,
};

const delta = object(
  {},
  {
    ...beyond,
    annotations,
    audio,
    role: is("assistant"),
    content: nullable(string),
    refusal: nullable(string),
    function_call: object({}, { name, arguments: string }),
    tool_calls: array(
      object(
        { index: count },
        {
          ...signed,
          id: name,
          type: oneOf("function", "custom"),
          function: object({}, { name, arguments: string }),
          custom: object({}, { name, input: string }),
        },
      ),
    ),
  },
);
const failure = object({
  error: object({ message: name, type: name, param: nullable(string), code: nullable(string) }),
});

export const openai: WireRules = {
  framing: "sse",
  contentTypes: {
    whole: /^application\/json(?:; ?charset=utf-8)?$/i,
    stream: /^text\/event-stream(?:; ?charset=utf-8)?$/i,
    error: /^application\/json(?:; ?charset=utf-8)?$/i,
  },
  whole: object(
    {
      ...openaiHead,
      object: is("chat.completion"),
      choices: {
        ...array(object({ index: is(0), message, logprobs, finish_reason: reason })),
        minItems: 1,
        maxItems: 1,
      },
      // Optional in the type; clients add the counts up without asking.
      usage: openaiTokens,
    },
    openaiServed,
  ),
  frames: {
    "chat.completion.chunk": object(
      {
        ...openaiHead,
        object: is("chat.completion.chunk"),
        choices: array(object({ index: is(0), delta, finish_reason: nullable(reason) }, { logprobs })),
      },
      { ...openaiServed, usage: nullable(openaiTokens), obfuscation: string },
    ),
    error: failure,
  },
  kindOf: ({ error, object: kind }) => (error === undefined ? kind : "error"),
  error: failure,
  terminator: "[DONE]",
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  const chunks = frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [data]));
  const places = frames.flatMap(({ data }, index) => (data === "[DONE]" ? [index] : []));
  const failed = chunks.findIndex(({ error }) => error !== undefined);
  if (failed === -1) must(places.join() === String(frames.length - 1), "[DONE] is not last, or not once");
  else must(failed === frames.length - 1, "something comes after the error");

  const good = failed === -1 ? chunks : chunks.slice(0, failed);
  must(
    new Set(good.map(({ id, model, created }) => `${id} ${model} ${created}`)).size < 2,
    "the head changes",
  );
  let ended = false;
  let calls = 0;
  good.forEach((chunk, index) => {
    const [choice, ...others] = chunk.choices as Json[];
    must(others.length === 0, "more than one choice");
    if (!choice) {
      must(
        ended && index === good.length - 1 && chunk.usage != null,
        "a chunk of usage that is not the last",
      );
      return;
    }
    must(!ended, "something comes after finish_reason");
    must(chunk.usage == null, "usage before the last chunk");
    const grown = choice.delta as Json;
    must((grown.role !== undefined) === (index === 0), "the role belongs to the first delta alone");
    for (const piece of (grown.tool_calls ?? []) as Json[]) calls = checkPiece(piece, calls);
    ended = choice.finish_reason !== null;
  });
  must(ended || failed !== -1, "no finish_reason");
}

/** A call's first piece has its id, type and name, and the next ones only more of its arguments. */
function checkPiece(piece: Json, calls: number): number {
  const begins = piece.index === calls;
  must(begins || piece.index === calls - 1, `call ${String(piece.index)} is out of order`);
  const body = (piece.function ?? piece.custom) as Json | undefined;
  for (const [field, value] of Object.entries({ id: piece.id, type: piece.type, name: body?.name })) {
    must((value !== undefined) === begins, `${field} belongs to a call's first piece alone`);
  }
  return begins ? calls + 1 : calls;
}
