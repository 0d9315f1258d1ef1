import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";

const request: UnifiedRequest = {
  model: "m",
  messages: [],
  stream: true,
  tools: [{ name: "look", parameters: { type: "object" } }],
};

/** The events of a stream that comes in these pieces. */
function read(pieces: string[], quirks?: Record<string, unknown>): StreamEvent[] {
  const parser = createStreamParser(request, { quirks });
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}

/** No such event is known by its wording: all are read. */
const plainly = (wire: string, quirks?: Record<string, unknown>): StreamEvent[] =>
  read([wire.replaceAll("\n", "\r\n")], quirks);

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  fc.constantFrom("", '"', "\\", "\n\n", "data: {}", '"},"x":{"', "</think>", "\u2028"),
);
const rarely = <T>(other: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: other });

const usage = fc.record({ prompt_tokens: fc.nat(9), completion_tokens: fc.nat(9) });
const call = fc.record({
  index: fc.nat(1),
  id: fc.constantFrom("a", "b", undefined),
  function: fc.record({
    name: fc.constantFrom("look", undefined),
    arguments: fc.constantFrom("{", "}", "{}"),
  }),
});
const delta = fc.record({
  content: fc.oneof(
    { weight: 20, arbitrary: text },
    fc.constant(null),
    fc.constant([{ type: "text", text: "x" }]),
  ),
  role: rarely(fc.constant("assistant")),
  refusal: rarely(fc.constantFrom(null, "no")),
  reasoning_content: rarely(text),
  reasoning: rarely(fc.constant(null)),
  tool_calls: rarely(fc.array(call, { maxLength: 2 })),
  annotations: rarely(
    fc.constant([
      { type: "url_citation", url_citation: { url: "https://a.b", start_index: 0, end_index: 1 } },
    ]),
  ),
});
const choice = fc.record({
  index: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.constantFrom(1, undefined)),
  delta,
  logprobs: rarely(fc.constantFrom(null, { content: [{ token: "x", logprob: -1 }] })),
  finish_reason: rarely(fc.constantFrom("stop", "tool_calls", "error", "")),
  error: rarely(fc.constant({ message: "no" })),
  usage: rarely(usage),
  stop_reason: rarely(fc.constant("END")),
});
/** What is the same in all chunks of a stream, and what is not. */
const chunks = fc
  .record({
    object: fc.constantFrom("chat.completion.chunk", "error"),
    padded: fc.boolean(),
    renamed: fc.boolean(),
    dated: fc.boolean(),
  })
  .chain(({ object, padded, renamed, dated }) =>
    fc.array(
      fc.record({
        id: renamed ? fc.constantFrom("chatcmpl-1", 'x"y', "") : fc.constant("chatcmpl-1"),
        object: fc.constant(object),
        created: dated ? fc.oneof(fc.nat(), fc.double({ noNaN: true })) : fc.constant(1),
        model: fc.constant("m"),
        choices: fc.oneof({ weight: 20, arbitrary: fc.tuple(choice) }, fc.array(choice, { maxLength: 2 })),
        citations: rarely(fc.constant(["https://c.d"])),
        usage: rarely(fc.oneof(usage, fc.constant(null))),
        error: rarely(fc.constantFrom(null, "broken", { message: "no" })),
        x_groq: rarely(fc.record({ usage })),
        other: rarely(fc.constantFrom(1, "x", null)),
        obfuscation: padded ? fc.string() : fc.constant(undefined),
      }),
      { maxLength: 12 },
    ),
  );
const framed = (value: unknown): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 20, arbitrary: fc.constant("data: ") },
        fc.constantFrom("data:", "event: error\ndata: ", ": hi\n\ndata: ", "\n"),
      ),
      fc.oneof({ weight: 40, arbitrary: fc.constant("") }, fc.constantFrom("}", '"', " ", "\ndata: {}")),
    )
    .map(([open, spoilt]) => `${open}${JSON.stringify(value)}${spoilt}\n\n`);
const stream = chunks
  .chain((all) => fc.tuple(fc.tuple(...all.map(framed)), fc.constantFrom("data: [DONE]\n\n", "", "data: {")))
  .map(([frames, end]) => frames.join("") + end);

describe("chunks that hold text alone", () => {
  it("mean by a glance what reading tells, wherever the stream is cut", () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.nat(4000), { maxLength: 6 }),
        fc.constantFrom(undefined, { thinkTags: true }, { cumulative: true }, { reasoningDetails: true }),
        (wire, cuts, quirks) => {
          const places = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].toSorted((a, b) => a - b);
          const pieces = [0, ...places].map((from, index) => wire.slice(from, places[index]));
          const expected = plainly(wire, quirks);
          expect(read(pieces, quirks)).toEqual(expected);
          expect(read([wire], quirks)).toEqual(expected);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("are hardly ever read whole, in this stream or in a later one", () => {
    const wire = (id: string): string =>
      Array.from(
        { length: 50 },
        (_, at) =>
          `data: ${JSON.stringify({ id, choices: [{ index: 0, delta: { content: `wörd ${at}` } }], obfuscation: "x".repeat(at % 7) })}\n\n`,
      ).join("");
    plainly(wire("first"));
    const json = vi.spyOn(JSON, "parse");
    read([wire("second")]);
    const learning = json.mock.calls.length;
    json.mockClear();
    read([wire("third")]);
    const known = json.mock.calls.length;
    json.mockRestore();
    expect(learning).toBeLessThan(6);
    expect(known).toBe(1);
  });
});

it("leaves the other answers to one request alone, also where such a stream was read before", () => {
  const frame = (index: number, content: string): string =>
    `data: ${JSON.stringify({ id: "c", choices: [{ index, delta: { content } }] })}\n\n`;
  const end = (index: number): string =>
    `data: {"id":"c","choices":[{"index":${index},"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
  const textOf = (events: StreamEvent[]): string =>
    events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
  // A provider may count from one: what its answers look like is learnt here, if anywhere.
  expect(textOf(read([...Array.from("abcdefgh", (letter) => frame(1, letter)), end(1)]))).toBe("abcdefgh");
  const both = Array.from("abcdefgh", (letter) => frame(0, letter) + frame(1, "x")).join("") + end(0);
  expect(textOf(read([both]))).toBe("abcdefgh");
  expect(read([both])).toEqual(plainly(both));
});
