import { forbid, ollama, ollamaCounts, ollamaDurations, ollamaLogprobs, ollamaTime } from "./ollama.ts";
import { array, count, is, must, name, object, oneOf, string, type Frame, type WireRules } from "./schema.ts";

/** Ollama's `/api/generate`, after its documentation and `GenerateResponse` of the SDK `ollama`. */
const head = { model: name, created_at: ollamaTime, response: string };
const said = { thinking: name, images: { ...array(name), minItems: 1 } as Record<string, unknown> };
const last = object(
  { ...head, done: is(true), done_reason: oneOf("stop", "length"), ...ollamaDurations },
  { ...said, ...ollamaCounts, logprobs: ollamaLogprobs, context: array(count) },
);

export const ollamaGenerate: WireRules = {
  ...ollama,
  whole: last,
  frames: {
    ...ollama.frames,
    piece: object(
      { ...head, done: is(false) },
      {
        ...said,
        ...forbid(ollamaDurations),
        ...forbid(ollamaCounts),
        done_reason: false,
        logprobs: ollamaLogprobs,
      },
    ),
    last,
  },
  checkSequence,
};

function checkSequence(frames: Frame[]): void {
  frames.forEach(({ data }, index) => {
    const ends = data !== "[DONE]" && (data.done === true || data.error !== undefined);
    must(ends === (index === frames.length - 1), "one line with done: true or an error, and it is the last");
  });
}
