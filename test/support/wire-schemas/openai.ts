import type { Json } from "../../../adapters/validate.ts";
import {
  array,
  boolean,
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
const tokens = object(
  { prompt_tokens: count, completion_tokens: count, total_tokens: count },
  {
    prompt_tokens_details: object({}, { cached_tokens: count, cache_write_tokens: count }),
    completion_tokens_details: object({}, { reasoning_tokens: count }),
  },
);
const bytes = nullable(array(count));
const token = { token: string, bytes, logprob: number };
const tokenList = nullable(array(object({ ...token, top_logprobs: array(object(token)) })));
const logprobs = nullable(object({ content: tokenList, refusal: tokenList }));
const reason = oneOf("stop", "length", "tool_calls", "content_filter", "function_call");

const call = byType({
  function: object({ id: name, function: object({ name, arguments: string }) }),
  custom: object({ id: name, custom: object({ name, input: string }) }),
});
/** What OpenAI itself does not have: thoughts as DeepSeek, pictures as OpenRouter write them. */
const beyond = {
  reasoning_content: string,
  images: array(object({ type: is("image_url"), image_url: object({ url: name }) }, { index: count })),
};
const message = object(
  { role: is("assistant"), content: nullable(string), refusal: nullable(string) },
  { ...beyond, tool_calls: array(call), function_call: nullable(object({ name, arguments: string })) },
);
const head = { id: name, created: count, model: name };

const delta = object(
  {},
  {
    ...beyond,
    role: is("assistant"),
    content: nullable(string),
    refusal: nullable(string),
    function_call: object({}, { name, arguments: string }),
    tool_calls: array(
      object(
        { index: count },
        {
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
      ...head,
      object: is("chat.completion"),
      choices: {
        ...array(object({ index: is(0), message, logprobs, finish_reason: reason })),
        minItems: 1,
        maxItems: 1,
      },
      // Optional in the type; clients add the counts up without asking.
      usage: tokens,
    },
    { service_tier: nullable(string), system_fingerprint: string },
  ),
  frames: {
    "chat.completion.chunk": object(
      {
        ...head,
        object: is("chat.completion.chunk"),
        choices: array(object({ index: is(0), delta, finish_reason: nullable(reason) }, { logprobs })),
      },
      { usage: nullable(tokens), obfuscation: string, store: boolean },
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
