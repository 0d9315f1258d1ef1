import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { BlockOptions } from "../../adapters/blocks.ts";
import { GatewayError } from "../../adapters/errors.ts";
import { createFold, foldEvents, replay } from "../../adapters/fold.ts";
import type { AssistantPart, StreamEvent, UnifiedResult } from "../../adapters/unified.ts";

describe("createFold", () => {
  const usage = { inputTokens: 1, outputTokens: 2 };
  const event: fc.Arbitrary<StreamEvent> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record(
        {
          type: fc.constant("text-delta" as const),
          text: fc.constantFrom("", "a", "bc"),
          apart: fc.constantFrom("plain" as const, "cited" as const),
        },
        { requiredKeys: ["type", "text"] },
      ),
    },
    { weight: 6, arbitrary: fc.constant<StreamEvent>({ type: "text-delta", text: "d" }) },
    fc.constantFrom<StreamEvent>(
      { type: "start", id: "i", model: "m" },
      { type: "logprobs", logprobs: [1] },
      { type: "finish", reason: "length", usage, stopSequence: "!" },
      { type: "finish", reason: "stop" },
      { type: "thinking-delta", text: "hm" },
      { type: "refusal-delta", text: "no" },
      { type: "tool-start", index: 0, id: "c", name: "t" },
      { type: "tool-delta", index: 0, json: "{}" },
      { type: "native", native: { origin: "claude", body: { type: "x" } } },
      { type: "error", error: new GatewayError("upstream", "broken") },
    ),
  );
  const outcome = (work: () => UnifiedResult): unknown => {
    try {
      return work();
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("makes the same of one text as of an answer that has more", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(event, { maxLength: 5 }), { maxLength: 4 }),
        fc.constantFrom<BlockOptions>({ natives: "all" }, { natives: "claude" }, {}),
        (batches, options) => {
          const fold = (first: StreamEvent[]) => {
            const made = createFold(options);
            for (const batch of [first, ...batches]) made.push(batch);
            return made.end();
          };
          // A thought without words shows nowhere.
          const more: StreamEvent[] = [{ type: "thinking-delta", text: "" }];
          expect(outcome(() => fold([]))).toEqual(outcome(() => fold(more)));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("foldEvents", () => {
  it("puts deltas together, parts in the order of the stream", () => {
    const usage = { inputTokens: 3, outputTokens: 2 };
    const events: StreamEvent[] = [
      { type: "start", id: "r1", model: "m" },
      { type: "thinking-delta", text: "hm" },
      { type: "thinking-signature", signature: { origin: "p", value: "s" } },
      { type: "text-delta", text: "a" },
      { type: "text-delta", text: "b" },
      { type: "tool-start", index: 0, id: "c0", name: "t" },
      { type: "tool-start", index: 1, id: "c1", name: "u" },
      { type: "tool-delta", index: 1, json: '{"x":' },
      { type: "tool-delta", index: 1, json: "1}" },
      { type: "logprobs", logprobs: [1] },
      { type: "logprobs", logprobs: [2] },
      { type: "refusal-delta", text: "no" },
      { type: "finish", reason: "tool-calls", usage, stopSequence: "!" },
    ];
    expect(foldEvents(events)).toEqual({
      id: "r1",
      model: "m",
      content: [
        { type: "thinking", text: "hm", signature: { origin: "p", value: "s" } },
        { type: "text", text: "ab" },
        { type: "tool-call", id: "c0", name: "t", args: "{}" },
        { type: "tool-call", id: "c1", name: "u", args: '{"x":1}' },
      ],
      refusal: "no",
      logprobs: [1, 2],
      finishReason: "tool-calls",
      stopSequence: "!",
      usage,
    } satisfies UnifiedResult);
  });

  it("throws the stream's own error", () => {
    const error = new GatewayError("overloaded", "busy");
    const fold = createFold();
    expect(() =>
      fold.push([
        { type: "text-delta", text: "a" },
        { type: "error", error },
      ]),
    ).toThrow(error);
  });

  it("trap 38: a stream without its finish is no answer", () => {
    expect(() => foldEvents([{ type: "text-delta", text: "a" }])).toThrow(
      expect.objectContaining({
        kind: "upstream",
        message: expect.stringContaining("before it was finished") as string,
      }),
    );
  });
});

describe("replay", () => {
  it("is undone by foldEvents, whole and event by event", () => {
    fc.assert(
      fc.property(anyResult(), (result) => {
        expect(foldEvents(replay(result))).toEqual(result);
        const fold = createFold();
        for (const event of replay(result)) fold.push([event]);
        expect(fold.end()).toEqual(result);
      }),
      { numRuns: 500 },
    );
  });

  it("gives a call without arguments {} and leaves an empty text out", () => {
    const content: AssistantPart[] = [
      { type: "text", text: "" },
      { type: "tool-call", id: "", name: "t", args: " " },
    ];
    expect(foldEvents(replay({ content, finishReason: "stop" })).content).toEqual([
      { type: "tool-call", id: "", name: "t", args: "{}" },
    ]);
  });

  it("begins with start and ends with finish", () => {
    const events = replay({ id: "r", content: [], finishReason: "length" });
    expect(events).toEqual([
      { type: "start", id: "r", model: undefined },
      { type: "finish", reason: "length" },
    ]);
  });
});

/** Results as a fold gives them: no empty texts, no two texts or unsealed thoughts in a row. */
function anyResult(): fc.Arbitrary<UnifiedResult> {
  const some = fc.string({ minLength: 1 });
  const signature = fc.record({ origin: fc.constantFrom("p", "q"), value: some });
  const part: fc.Arbitrary<AssistantPart> = fc.oneof(
    fc.record({ type: fc.constant("text" as const), text: some }),
    fc.record({ type: fc.constant("thinking" as const), text: some, signature }),
    fc.record({ type: fc.constant("thinking" as const), text: some }),
    fc.record({
      type: fc.constant("thinking" as const),
      text: fc.constant(""),
      signature,
      redacted: fc.constant(true as const),
    }),
    fc.record(
      {
        type: fc.constant("tool-call" as const),
        id: some,
        name: some,
        args: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })).map((value) => JSON.stringify(value)),
        signature,
      },
      { requiredKeys: ["type", "id", "name", "args"] },
    ),
    fc.record({
      type: fc.constant("media" as const),
      mimeType: fc.constant("image/png"),
      source: fc.record({ kind: fc.constant("base64" as const), data: some }),
    }),
  );
  const count = fc.nat();
  return fc.record(
    {
      id: some,
      model: some,
      content: fc.array(part, { maxLength: 8 }).map((parts) => {
        const apart: AssistantPart[] = [];
        for (const each of parts) if (!runsOn(apart.at(-1), each)) apart.push(each);
        return apart;
      }),
      refusal: some,
      logprobs: fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1 }),
      finishReason: fc.constantFrom("stop", "length", "tool-calls", "content-filter", "pause"),
      stopSequence: fc.string(),
      usage: fc.record({ inputTokens: count, outputTokens: count, cachedTokens: count }),
    },
    { requiredKeys: ["content", "finishReason"] },
  );
}

function runsOn(before: AssistantPart | undefined, part: AssistantPart): boolean {
  if (before?.type !== part.type) return false;
  return (
    part.type === "text" || (part.type === "thinking" && !(before.type === "thinking" && before.signature))
  );
}
