import type { Json } from "../../../adapters/validate.ts";
import { openai, openaiHead, openaiServed, openaiTokens } from "./openai.ts";
import {
  array,
  count,
  is,
  must,
  nullable,
  number,
  object,
  oneOf,
  string,
  type Frame,
  type Schema,
  type WireRules,
} from "./schema.ts";

/** `POST /v1/completions`, after `Completion` of the SDK `openai`: whole, and each piece of a stream. */
const head = { ...openaiHead, object: is("text_completion") };
const logprobs = nullable(
  object(
    {},
    {
      text_offset: array(count),
      token_logprobs: array(nullable(number)),
      tokens: array(string),
      top_logprobs: nullable(array(nullable({ type: "object", additionalProperties: number }))),
    },
  ),
);
const reason = oneOf("stop", "length", "content_filter");
const choice = (finish_reason: Schema): Schema =>
  object({ index: is(0), text: string, logprobs, finish_reason });
const one = (item: Schema): Schema => ({ type: "array", items: item, minItems: 1, maxItems: 1 });

export const openaiCompletions: WireRules = {
  ...openai,
  whole: object({ ...head, choices: one(choice(reason)), usage: openaiTokens }, openaiServed),
  frames: {
    ...openai.frames,
    "chat.completion.chunk": false,
    // The type wants a reason in every piece; OpenAI gives null until the last.
    text_completion: object(
      { ...head, choices: array(choice(nullable(reason))) },
      { ...openaiServed, usage: nullable(openaiTokens) },
    ),
  },
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  const chunks = frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [data]));
  const failed = chunks.at(-1)?.error !== undefined;
  const ends = frames.filter(({ data }) => data === "[DONE]").length;
  must(
    failed ? ends === 0 : ends === 1 && frames.at(-1)?.data === "[DONE]",
    "[DONE] is not last, or not once",
  );
  must(chunks.filter(({ error }) => error !== undefined).length < 2, "something comes after the error");
  const good = failed ? chunks.slice(0, -1) : chunks;
  must(
    new Set(good.map(({ id, model, created }) => `${id} ${model} ${created}`)).size < 2,
    "the head changes",
  );
  const reasons = good.flatMap(({ choices }) => (choices as Json[]).map((piece) => piece.finish_reason));
  const at = reasons.findIndex((word) => word !== null);
  must(failed || at === reasons.length - 1, "the finish_reason is not in the last piece alone");
  const counted = good.findIndex(({ usage }) => usage != null);
  must(counted === -1 || counted === good.length - 1, "usage before the last piece");
}
