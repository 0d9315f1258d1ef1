import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import { editRequest } from "../../../adapters/openai/edit-request.ts";
import { parseRequest } from "../../../adapters/openai/parse-request.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { makeCall, request } from "./load.ts";

/** Objects with the given keys, each absent, of a plausible kind, or anything. */
const shaped = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [
        key,
        fc.oneof({ weight: 6, arbitrary: value }, fc.jsonValue({ maxDepth: 2 })),
      ]),
    ),
    { requiredKeys: [] },
  );
const text = fc.constantFrom("", "a", '{"x":', "1}", "{}");
const call = shaped({
  index: fc.constantFrom(0, 1, 7, "0"),
  id: fc.constantFrom("", "a", "b"),
  function: shaped({
    name: fc.constantFrom("", "now", "get_", "weather"),
    arguments: fc.oneof(text, fc.constant({ x: 1 })),
  }),
  custom: shaped({ name: fc.constant("apply_patch"), input: text }),
});
const delta = shaped({
  content: text,
  reasoning: text,
  tool_calls: fc.array(call, { maxLength: 3 }),
  refusal: text,
  images: fc.array(text),
});
const choice = shaped({
  index: fc.constant(0),
  delta,
  message: delta,
  finish_reason: fc.constantFrom(null, "stop", "tool_calls"),
});
const chunk = fc.record({
  choices: fc.oneof({ weight: 9, arbitrary: fc.array(choice, { maxLength: 2 }) }, fc.jsonValue()),
  usage: fc.jsonValue({ maxDepth: 2 }),
});

describe("nothing a provider sends crashes the parsers", () => {
  it("a stream ends with one finish or error, and its calls can be read", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 20, arbitrary: chunk }, fc.jsonValue()), { maxLength: 8 }),
        (chunks) => {
          const parser = createStreamParser(request);
          const wire = `${chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`).join("")}data: [DONE]\n\n`;
          const events = [...parser.push(wire), ...parser.end()];
          const ends = events.filter((event) => event.type === "finish" || event.type === "error");
          expect(ends).toEqual([events.at(-1)]);
          const started = new Set<number>();
          for (const event of events) {
            if (event.type === "tool-start") {
              expect(started.has(event.index)).toBe(false);
              started.add(event.index);
            }
            if (event.type === "tool-delta") expect(started.has(event.index)).toBe(true);
          }
          if (ends[0]?.type === "finish") expect(foldEvents(events).content).toBeInstanceOf(Array);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("a full answer is read or refused with a GatewayError", () => {
    fc.assert(
      fc.property(fc.oneof(chunk, fc.jsonValue()), (body) => {
        try {
          expect(parseResponse(body, request).content).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a long stream of small pieces takes linear time", () => {
    const piece = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: "a", function: { name: "now", arguments: "[1," } }] } }] })}\n\n`;
    const parser = createStreamParser(request);
    const begin = performance.now();
    for (let count = 0; count < 50_000; count++) parser.push(piece);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe("nothing a client sends crashes the parsers", () => {
  const part = shaped({
    type: fc.constantFrom("text", "image_url", "file", "input_audio", "thinking"),
    text,
    image_url: text,
    file: shaped({ file_data: text, filename: text }),
  });
  const message = shaped({
    role: fc.constantFrom("system", "user", "assistant", "tool", "function"),
    content: fc.oneof(text, fc.array(part, { maxLength: 2 }), fc.constant(null)),
    tool_calls: fc.array(call, { maxLength: 2 }),
    tool_call_id: fc.constantFrom("a", "b", "__proto__"),
    function_call: call,
  });
  const body = shaped({
    model: fc.constant("m"),
    messages: fc.array(message, { maxLength: 4 }),
    tools: fc.array(
      shaped({
        type: fc.constant("function"),
        function: shaped({ name: text, parameters: fc.constant({}) }),
      }),
      { maxLength: 2 },
    ),
    tool_choice: fc.constantFrom("auto", { type: "allowed_tools" }, { type: "function" }),
    response_format: shaped({ type: fc.constantFrom("json_object", "json_schema") }),
    prompt: text,
  });

  it.each(["chat", "completions"])(
    "%s: a request is read, edited and built, or refused with a GatewayError",
    (variant) => {
      fc.assert(
        fc.property(body, (sent) => {
          const before = JSON.stringify(sent);
          const edits = {
            dropTools: ["a"],
            prompt: { mode: "enhance", text: "P", position: "user" },
          } as const;
          try {
            const parsed = parseRequest(editRequest(sent, edits), makeCall(variant));
            expect(buildRequest(parsed).body).toBeInstanceOf(Object);
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
          expect(JSON.stringify(sent)).toBe(before);
        }),
        { numRuns: 1000 },
      );
    },
  );
});
