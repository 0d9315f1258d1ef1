import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { adapters } from "../../adapters/index.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";

const request: UnifiedRequest = { model: "m", messages: [], stream: true };

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  fc.constantFrom("", '"', "\\", "\n\n", "data: {}", '"},"x":{"', "\u2028"),
);
const rarely = <T>(other: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: other });
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...others));

const claudeText = (field: "text" | "thinking") =>
  fc.record({
    type: mostly("content_block_delta", "content_block_stop", "x"),
    index: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.constantFrom(1, undefined)),
    delta: fc.record({
      type: mostly(`${field}_delta`, "citations_delta"),
      [field]: text,
      other: rarely(text),
    }),
    error: rarely(fc.constantFrom(null, { message: "no" })),
  });
const EVENTS: Record<string, fc.Arbitrary<unknown>> = {
  claude: fc.oneof(
    { weight: 12, arbitrary: claudeText("text") },
    { weight: 2, arbitrary: claudeText("thinking") },
    fc.constantFrom<unknown>(
      { type: "message_start", message: { id: "x", model: "m" } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: [] } },
      { type: "content_block_start", index: 1, content_block: { type: "thinking", thinking: "" } },
      { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "1", name: "f" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" } },
      { type: "message_stop" },
    ),
  ),
  ollama: fc.record({
    model: mostly("m", "n"),
    created_at: fc.constantFrom("1", "2", 'x"y'),
    message: fc.oneof(
      {
        weight: 20,
        arbitrary: fc.record({
          role: mostly("assistant", "user"),
          content: text,
          thinking: rarely(text),
          tool_calls: rarely(fc.constantFrom(null, [{ function: { name: "f", arguments: {} } }])),
        }),
      },
      fc.constantFrom(undefined, null),
    ),
    response: rarely(text),
    done: mostly<unknown>(false, true, undefined, "true"),
    logprobs: rarely(fc.constantFrom(null, [{ token: "x" }])),
    error: rarely(fc.constantFrom(null, "", "no")),
  }),
  "openai-responses": fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        type: mostly("response.output_text.delta", "response.refusal.delta", "x"),
        sequence_number: fc.nat(),
        item_id: mostly("msg_1", "msg_2"),
        output_index: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.constantFrom(1, undefined)),
        content_index: mostly(0, 1),
        delta: text,
        logprobs: fc.oneof(
          { weight: 20, arbitrary: fc.constant([]) },
          fc.constantFrom<unknown>(null, undefined, [{ token: "x" }]),
        ),
        text: rarely(text),
        obfuscation: fc.constantFrom("a", "bcd"),
      }),
    },
    fc.constantFrom<unknown>(
      { type: "response.created", response: { id: "r", model: "m" } },
      { type: "response.output_item.added", output_index: 0, item: { type: "message", id: "msg_1" } },
      { type: "response.output_item.added", output_index: 1, item: { type: "reasoning", id: "msg_2" } },
      { type: "response.output_item.done", output_index: 0, item: { type: "message", id: "msg_1" } },
      { type: "response.completed", response: { id: "r", output: [] } },
      { type: "error", message: "no" },
    ),
  ),
};

/** A text as their providers tell it. */
const USUAL: Record<string, (text: string) => unknown> = {
  claude: (said) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: said } }),
  ollama: (content) => ({
    model: "m",
    created_at: `at ${content.length}`,
    message: { role: "assistant", content },
    done: false,
  }),
  "openai-responses": (delta) => ({
    type: "response.output_text.delta",
    item_id: "msg_1",
    output_index: 0,
    content_index: 0,
    delta,
    logprobs: [],
    sequence_number: delta.length,
  }),
};

describe.each(adapters.filter(({ protocol }) => EVENTS[protocol]))("$protocol", ({ protocol, provider }) => {
  const isSse = provider.framing === "sse";
  const read = (pieces: string[]): StreamEvent[] => {
    const parser = provider.createStreamParser(request);
    return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  };
  /** No such event is known by its wording: all are read. */
  const plainly = (wire: string): StreamEvent[] => read([wire.replaceAll("\n", "\r\n")]);
  const frame = (value: unknown): string =>
    isSse ? `data: ${JSON.stringify(value)}\n\n` : `${JSON.stringify(value)}\n`;
  const framed = (value: unknown): fc.Arbitrary<string> =>
    fc
      .tuple(
        isSse ? mostly("", "event: x\n", ": hi\n\n", "\n") : mostly("", "\n", " "),
        mostly(frame(value), frame(value).replace(/\n+$/, "}\n\n"), frame(value).replace("data: ", "data:")),
      )
      .map((both) => both.join(""));
  const stream = fc
    .array((EVENTS[protocol] as fc.Arbitrary<unknown>).chain(framed), { maxLength: 14 })
    .chain((frames) => mostly(frames.join(""), `${frames.join("")}{`));

  it("tells by a glance what reading would, wherever the stream is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(4000), { maxLength: 6 }), (wire, cuts) => {
        const places = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].toSorted((a, b) => a - b);
        const pieces = [0, ...places].map((from, index) => wire.slice(from, places[index]));
        const expected = plainly(wire);
        expect(read(pieces)).toEqual(expected);
        expect(read([wire])).toEqual(expected);
      }),
      { numRuns: 800 },
    );
  });

  it("hardly ever reads a text whole", () => {
    const wire = Array.from({ length: 50 }, (_, at) => frame(USUAL[protocol]?.(`wörd ${at}`))).join("");
    const parser = provider.createStreamParser(request);
    const json = vi.spyOn(JSON, "parse");
    parser.push(wire);
    const { length } = json.mock.calls;
    json.mockRestore();
    expect(length).toBeLessThan(10);
  });
});
