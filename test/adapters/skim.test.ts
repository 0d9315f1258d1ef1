import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replay } from "../../adapters/fold.ts";
import { adapters } from "../../adapters/index.ts";
import type { StreamEvent, UnifiedRequest, UnifiedResult } from "../../adapters/unified.ts";

const request: UnifiedRequest = { model: "m", messages: [], stream: false };

/** What a reader of an answer that passes through takes note of. */
const noted = (events: StreamEvent[]): unknown =>
  events.flatMap((event): unknown[] => {
    if (event.type === "start") return [{ id: event.id }];
    return event.type === "finish" ? [{ reason: event.reason, usage: event.usage }] : [];
  });

const nothing = fc.constantFrom(null, undefined);
const text = fc.constantFrom("", "hi", "a longer answer");
const count = fc.option(fc.nat(5), { nil: undefined });
const usage = fc.oneof(
  fc.record({ prompt_tokens: count, completion_tokens: count, input_tokens: count, output_tokens: count }),
  nothing,
);
const error = fc.oneof(
  { weight: 8, arbitrary: nothing },
  { weight: 1, arbitrary: fc.constant({ message: "no" }) },
);
const BODIES: Record<string, fc.Arbitrary<unknown>> = {
  openai: fc.record({
    id: fc.constantFrom("x", "", 1),
    error,
    choices: fc.array(
      fc.record({
        index: fc.constantFrom(0, 1, undefined),
        finish_reason: fc.constantFrom("stop", "length", "tool_calls", "error", null),
        message: fc.record({
          content: fc.oneof(text, nothing),
          refusal: fc.oneof(nothing, nothing, text),
          annotations: fc.oneof(nothing, fc.constantFrom([], [{ type: "url_citation" }])),
          reasoning_content: fc.oneof(nothing, text),
          tool_calls: fc.oneof(nothing, fc.constant([{ id: "1", function: { name: "a", arguments: "{}" } }])),
        }),
        usage: fc.oneof(nothing, usage),
      }),
      { maxLength: 2 },
    ),
    usage,
  }),
  claude: fc.record({
    type: fc.constantFrom("message", "message", "error", undefined),
    id: fc.constantFrom("x", "", 1),
    error,
    content: fc.array(
      fc.oneof(
        fc.record({ type: fc.constant("text"), text }),
        fc.constantFrom(
          { type: "thinking", thinking: "hm" },
          { type: "tool_use", id: "1", name: "a", input: {} },
        ),
      ),
      { maxLength: 3 },
    ),
    stop_reason: fc.constantFrom(
      "end_turn",
      "max_tokens",
      "tool_use",
      "stop_sequence",
      "pause_turn",
      "refusal",
      null,
    ),
    stop_sequence: fc.constantFrom("x", null),
    usage,
  }),
};

describe.each(adapters.filter(({ provider }) => provider.skim))("$protocol", ({ protocol, provider }) => {
  it("tells by a glance what reading would, or nothing", () => {
    let seen = 0;
    fc.assert(
      fc.property(BODIES[protocol] as fc.Arbitrary<unknown>, (body) => {
        const skimmed = provider.skim?.(body);
        if (!skimmed) return;
        seen++;
        expect(noted(skimmed)).toEqual(noted(replay(provider.parseResponse(body, request))));
      }),
      { numRuns: 2000 },
    );
    expect(seen).toBeGreaterThan(0);
  });
});

describe("readPlain of openai", () => {
  const provider = adapters.find(({ protocol }) => protocol === "openai")?.provider;
  const plain = fc.record({
    id: fc.constantFrom("x", "", 1),
    object: fc.constantFrom("chat.completion", undefined),
    system_fingerprint: nothing,
    choices: fc.tuple(
      fc.record({
        index: fc.constantFrom(0, 1, undefined),
        finish_reason: fc.constantFrom("stop", "length"),
        logprobs: nothing,
        message: fc.record({
          role: fc.constant("assistant"),
          content: text,
          refusal: nothing,
          annotations: fc.constantFrom(null, []),
        }),
      }),
    ),
    usage,
  });
  const bodies = fc.oneof(plain, BODIES["openai"] as fc.Arbitrary<unknown>);

  it("gives what a plain answer says as it would be told again, or leaves it", () => {
    let seen = 0;
    fc.assert(
      fc.property(bodies, (body) => {
        const read = provider?.readPlain?.(body, "m");
        if (!read) return;
        seen++;
        expect(read).toEqual(replay(provider?.parseResponse(body, request) as UnifiedResult));
      }),
      { numRuns: 2000 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it("leaves all answers of providers in whose texts something has to be looked for", () => {
    const quirks = fc.constantFrom({ thinkTags: true }, { reasoningDetails: true });
    fc.assert(
      fc.property(bodies, quirks, (body, some) => {
        expect(provider?.readPlain?.(body, "m", { quirks: some })).toBeUndefined();
      }),
    );
  });
});
