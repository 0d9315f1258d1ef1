import { describe, expect, it } from "vitest";
import { createStreamParser } from "../../../adapters/ollama/parse-stream.ts";
import type { StreamEvent, UnifiedRequest } from "../../../adapters/unified.ts";

const request: UnifiedRequest = { model: "m", messages: [], stream: true };

function read(wire: string): StreamEvent[] {
  const parser = createStreamParser(request);
  return [...parser.push(wire), ...parser.end()];
}

/** No line with such an end is known by its wording: all are read. */
const plainly = (wire: string): StreamEvent[] => read(wire.replaceAll("\n", "\r\n"));

const line = (fields: object): string =>
  `${JSON.stringify({ model: "m", created_at: "2030-01-31T00:00:00Z", ...fields })}\n`;
const text = (content: string, more: object = {}): object => ({
  message: { role: "assistant", content, ...more },
});
const LAST = line({ ...text(""), done: true, done_reason: "stop", prompt_eval_count: 1, eval_count: 2 });

describe("a line that holds a text", () => {
  it.each<[string, (content: string) => object]>([
    ["nothing else", (content) => ({ ...text(content), done: false })],
    ["a thought", (content) => ({ ...text(content, { thinking: "hm" }), done: false })],
    [
      "a call",
      (content) => ({
        ...text(content, { tool_calls: [{ function: { name: "look", arguments: {} } }] }),
        done: false,
      }),
    ],
    [
      "likelihoods",
      (content) => ({ ...text(content), logprobs: [{ token: "x", logprob: -1 }], done: false }),
    ],
    ["an error", (content) => ({ ...text(content), error: "no", done: false })],
  ])("and %s is read as if none like it had come before", (_, toFields) => {
    const wire = Array.from("abcdef", (letter) => line(toFields(letter))).join("") + LAST;
    // What is learnt from the first is used for the second.
    expect(read(wire)).toEqual(plainly(wire));
    expect(read(line({ ...text("-"), done: false }) + wire)).toEqual(
      plainly(line({ ...text("-"), done: false }) + wire),
    );
  });

  it("and the end is the end, also where one like it was read before", () => {
    for (const letter of "abcdef") {
      const wire = line({ ...text("-"), done: false }) + line({ ...text(letter), done: true });
      expect(read(wire)).toEqual(plainly(wire));
      expect(read(wire).at(-1)).toMatchObject({ type: "finish" });
    }
  });
});
