import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createBlocks, type BlockEvent } from "../../adapters/blocks.ts";
import { GatewayError } from "../../adapters/errors.ts";
import type { StreamEvent } from "../../adapters/unified.ts";

/** One line per event, in words: `start text#0`, `delta text#0 "a"`, `stop text#0`, `finish`. */
const tell = (events: StreamEvent[]): string[] => {
  const blocks = createBlocks();
  const words = (all: BlockEvent[]): string[] =>
    all.map((event) => {
      if (!("block" in event)) return event.type;
      const place = `${event.block.kind}#${event.block.index}`;
      if (event.type === "block-delta") return `delta ${place} ${JSON.stringify(event.delta)}`;
      return `${event.type.slice("block-".length)} ${place}`;
    });
  // Told batch by batch: a block goes on growing after it was handed out.
  return [...events.flatMap((event) => words(blocks.push([event]))), ...words(blocks.end())];
};
const finish: StreamEvent = { type: "finish", reason: "stop" };
const signature = { origin: "p", value: "sig" };

describe("createBlocks", () => {
  it("trap 29: opens a new block for every change of kind", () => {
    const events: StreamEvent[] = [
      { type: "start", id: "1" },
      { type: "thinking-delta", text: "h" },
      { type: "thinking-delta", text: "m" },
      { type: "text-delta", text: "a" },
      { type: "tool-start", index: 0, name: "t" },
      { type: "tool-delta", index: 0, json: "{}" },
      { type: "text-delta", text: "b" },
      finish,
    ];
    expect(tell(events)).toEqual([
      "start",
      "start thinking#0",
      'delta thinking#0 "h"',
      'delta thinking#0 "m"',
      "stop thinking#0",
      "start text#1",
      'delta text#1 "a"',
      "stop text#1",
      "start tool-call#2",
      'delta tool-call#2 "{}"',
      "stop tool-call#2",
      "start text#3",
      'delta text#3 "b"',
      "stop text#3",
      "finish",
    ]);
  });

  it("opens nothing for an empty delta", () => {
    const empty: StreamEvent[] = [
      { type: "text-delta", text: "" },
      { type: "thinking-delta", text: "" },
      { type: "refusal-delta", text: "" },
    ];
    expect(tell([...empty, finish])).toEqual(["finish"]);
  });

  it("ends a thought with its seal, so that the next one is a block of its own", () => {
    const thought: StreamEvent[] = [
      { type: "thinking-delta", text: "a" },
      { type: "thinking-signature", signature },
    ];
    expect(tell([...thought, ...thought, finish])).toEqual([
      "start thinking#0",
      'delta thinking#0 "a"',
      "stop thinking#0",
      "start thinking#1",
      'delta thinking#1 "a"',
      "stop thinking#1",
      "finish",
    ]);
  });

  it("keeps a hidden thought apart from the open one", () => {
    const blocks = createBlocks().push([
      { type: "thinking-delta", text: "a" },
      { type: "thinking-signature", signature, redacted: true },
      finish,
    ]);
    const stopped = blocks.flatMap((event) => (event.type === "block-stop" ? [event.block] : []));
    expect(stopped).toEqual([
      { kind: "thinking", index: 0, text: "a" },
      { kind: "thinking", index: 1, text: "", signature, redacted: true },
    ]);
  });

  it("gives a seal without a thought a block of its own", () => {
    expect(
      tell([{ type: "text-delta", text: "a" }, { type: "thinking-signature", signature }, finish]),
    ).toEqual([
      "start text#0",
      'delta text#0 "a"',
      "stop text#0",
      "start thinking#1",
      "stop thinking#1",
      "finish",
    ]);
  });

  it("hands out the whole block at its stop", () => {
    const blocks = createBlocks().push([
      { type: "tool-start", index: 0, id: "c", name: "t", signature },
      { type: "tool-delta", index: 0, json: '{"a"' },
      { type: "tool-delta", index: 0, json: ":1}" },
      finish,
    ]);
    expect(blocks.at(-2)).toEqual({
      type: "block-stop",
      block: { kind: "tool-call", index: 0, id: "c", name: "t", args: '{"a":1}', signature },
    });
  });

  it("closes nothing after an error: half an answer must not look like a whole one", () => {
    const error: StreamEvent = { type: "error", error: new GatewayError("upstream", "cut") };
    expect(tell([{ type: "text-delta", text: "a" }, error])).toEqual([
      "start text#0",
      'delta text#0 "a"',
      "error",
    ]);
  });

  it("keeps its promises for every sequence of events", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.array(fc.nat({ max: 4 })), (events, sizes) => {
        const blocks = createBlocks();
        const out: BlockEvent[] = [];
        let open: { kind: string; index: number; text: string } | undefined;
        let count = 0;
        const all = [...events, finish];
        for (let from = 0, batch = 0; from < all.length; batch++) {
          const size = (sizes[batch % Math.max(1, sizes.length)] ?? 0) + 1;
          for (const event of blocks.push(all.slice(from, from + size))) {
            out.push(event);
            if (event.type === "block-start") {
              expect(open).toBeUndefined();
              expect(event.block.index).toBe(count++);
              open = { kind: event.block.kind, index: event.block.index, text: "" };
            } else if (event.type === "block-delta") {
              expect(event.block).toMatchObject({ kind: open?.kind, index: open?.index });
              expect(event.delta).not.toBe("");
              if (open) open.text += event.delta;
            } else if (event.type === "block-stop") {
              const { block } = event;
              expect(block).toMatchObject({ kind: open?.kind, index: open?.index });
              if (block.kind === "tool-call") {
                expect(block.args).toBe(open?.text);
                expect(JSON.parse(block.args)).toBeTypeOf("object");
              } else if (block.kind !== "media") expect(block.text).toBe(open?.text);
              open = undefined;
            } else if (event.type === "finish") expect(open).toBeUndefined();
          }
          from += size;
        }
        expect(blocks.end()).toEqual([]);
        expect(out.at(-1)).toEqual(finish);
        const starts = events.filter((event) => event.type === "tool-start").length;
        expect(
          out.filter((event) => event.type === "block-stop" && event.block.kind === "tool-call"),
        ).toHaveLength(starts);
        const deltas = events.flatMap((event) => (event.type === "text-delta" ? [event.text] : [])).join("");
        const told = out.flatMap((event) =>
          event.type === "block-delta" && event.block.kind === "text" ? [event.delta] : [],
        );
        expect(told.join("")).toBe(deltas);
      }),
      { numRuns: 500 },
    );
  });
});

describe("an event that only grows the open block", () => {
  const apart = fc.constantFrom("cited" as const, "plain" as const);
  const events = fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constantFrom("text-delta" as const, "thinking-delta" as const),
          text: fc.constantFrom("", "a", "bc"),
        }),
      },
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc.record({ type: fc.constant("text-delta" as const), text: fc.constantFrom("", "a"), apart }),
    ),
    { maxLength: 40 },
  );
  const options = fc.record(
    { natives: fc.constantFrom("all" as const, "claude" as const), textless: fc.boolean() },
    { requiredKeys: [] },
  );

  it("does by itself what it would do among others", () => {
    fc.assert(
      fc.property(
        events,
        fc.array(anyEvent, { minLength: 40, maxLength: 40 }),
        options,
        (some, others, how) => {
          const [plain, growing] = [createBlocks(how), createBlocks(how)];
          for (const [at, given] of some.entries()) {
            const event = given ?? (others[at] as StreamEvent);
            const block = growing.grow(event);
            const told =
              block && "text" in event
                ? [{ type: "block-delta", block, delta: event.text }]
                : growing.push([event]);
            expect(told).toEqual(plain.push([event]));
          }
          expect(growing.end()).toEqual(plain.end());
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("is taken as such", () => {
    const blocks = createBlocks();
    blocks.push([{ type: "text-delta", text: "a" }]);
    expect(blocks.grow({ type: "text-delta", text: "b" })).toMatchObject({ kind: "text", text: "ab" });
    expect(blocks.grow({ type: "thinking-delta", text: "b" })).toBeUndefined();
  });
});

const index = fc.nat({ max: 2 });
const text = fc.constantFrom("", "a", "bc");
const anyEvent: fc.Arbitrary<StreamEvent> = fc.oneof(
  fc.record({ type: fc.constant("text-delta" as const), text }),
  fc.record({ type: fc.constant("thinking-delta" as const), text }),
  fc.record({ type: fc.constant("refusal-delta" as const), text }),
  fc.record({
    type: fc.constant("thinking-signature" as const),
    signature: fc.constant(signature),
    redacted: fc.boolean(),
  }),
  fc.record({ type: fc.constant("tool-start" as const), index, name: fc.constantFrom("t", "u") }),
  // Whole objects only: every prefix of the pieces of a call is either empty or JSON.
  fc.record({ type: fc.constant("tool-delta" as const), index, json: fc.constantFrom("", " ", "\n") }),
  fc.constant<StreamEvent>({
    type: "media",
    media: { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AA==" } },
  }),
  fc.constant<StreamEvent>({ type: "logprobs", logprobs: [] }),
);

it("keeps no text where nobody asks for it: a long answer costs no memory", () => {
  const blocks = createBlocks({ textless: true });
  const events = [
    ...blocks.push([
      { type: "text-delta", text: "one " },
      { type: "text-delta", text: "two" },
      { type: "tool-start", index: 0, id: "a", name: "f" },
      { type: "tool-delta", index: 0, json: "{}" },
      { type: "finish", reason: "stop" },
    ]),
    ...blocks.end(),
  ];
  expect(events.flatMap((event) => (event.type === "block-delta" ? event.delta : []))).toEqual([
    "one ",
    "two",
    "{}",
  ]);
  expect(events.flatMap((event) => (event.type === "block-stop" ? event.block : []))).toMatchObject([
    { kind: "text", text: "" },
    { kind: "tool-call", args: "{}" },
  ]);
});
