import * as fc from "fast-check";
import { expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { createFold, foldEvents, replay } from "../../../adapters/fold.ts";
import type { AssistantPart } from "../../../adapters/unified.ts";
import { client, context, loadRequest, loadStream, parse, plain, provider } from "./load.ts";

const onlyGatewayErrors = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
  }
};

/** A copy of `value` with the `at`-th value in it put in place by `put`. */
function mutate(value: unknown, at: { left: number }, put: unknown): unknown {
  if (at.left-- === 0) return put;
  if (Array.isArray(value)) return value.map((item) => mutate(item, at, put));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mutate(item, at, put)]));
}

it("a body with any one value replaced is read or refused, written and edited", () => {
  const bodies = ["codex-code-mode.turn2", "codex-image.turn1", "opencode-responses.turn2"].map(loadRequest);
  const values = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("message", "function", "custom", "reasoning", "namespace"),
  );
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.nat(400), values, (body, left, value) => {
      const changed = mutate(body, { left }, value);
      onlyGatewayErrors(() => {
        const request = parse(changed);
        provider.buildRequest(request);
        client.writeResponse({ content: [], finishReason: "stop" }, context(request));
        const prompt = { mode: "enhance", position: "user", text: "x" } as const;
        client.editRequest(changed as Record<string, unknown>, {
          prompt,
          dropTools: ["exec"],
          replace: [["a", "b"]],
        });
      });
    }),
    { numRuns: 400 },
  );
});

it("a stream with any one value replaced ends with one finish or error", () => {
  const names = ["reasoning-and-calls", "custom-tool", "hosted", "minimal", "refusal"];
  const streams = names.map((name) => {
    const lines = loadStream(name).split("\n");
    return lines.filter((line) => line.startsWith("data:")).map((line): unknown => JSON.parse(line.slice(5)));
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...streams),
      fc.nat(),
      fc.nat(60),
      fc.jsonValue(),
      (events, pick, left, value) => {
        const parser = provider.createStreamParser(plain());
        const at = pick % events.length;
        const text = events
          .map(
            (event, index) =>
              `data: ${JSON.stringify(index === at ? mutate(event, { left }, value) : event)}\n\n`,
          )
          .join("");
        const types = [...parser.push(text), ...parser.end()].map(({ type }) => type);
        const ends = types.filter((type) => type === "finish" || type === "error");
        expect(ends).toHaveLength(1);
        expect(types.at(-1)).toBe(ends[0]);
      },
    ),
    { numRuns: 400 },
  );
});

it("what the writer writes, the parser reads back", () => {
  const words = fc.string({ minLength: 1, unit: "grapheme" });
  const part: fc.Arbitrary<AssistantPart> = fc.oneof(
    words.map((text) => ({ type: "text" as const, text })),
    words.map((text) => ({
      type: "thinking" as const,
      text,
      signature: { origin: "openai-responses", value: "sealed" },
    })),
    fc.dictionary(words, words).map((args) => ({
      type: "tool-call" as const,
      id: "set below",
      name: "f",
      args: JSON.stringify(args),
    })),
    words.map((input) => ({
      type: "tool-call" as const,
      id: "set below",
      name: "patch",
      args: JSON.stringify({ input }),
    })),
  );
  const request = plain({
    tools: [
      { name: "f", parameters: {} },
      { name: "patch", parameters: {}, kind: "custom" },
    ],
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const content = parts.map((item, index) =>
        item.type === "tool-call" ? { ...item, id: `c${index}` } : item,
      );
      const hasCalls = content.some(({ type }) => type === "tool-call");
      // As all do but those that keep another protocol's texts apart.
      const fold = createFold({});
      fold.push(replay({ content, finishReason: hasCalls ? "tool-calls" : "stop" }));
      const result = fold.end();
      const writer = client.createStreamWriter(context(request));
      const parser = provider.createStreamParser(request);
      const events = [...parser.push(writer.push(replay(result)) + writer.end()), ...parser.end()];
      expect(foldEvents(events)).toMatchObject({
        content: result.content,
        finishReason: result.finishReason,
      });
      const full = client.writeResponse(result, context(request));
      expect(provider.parseResponse(full, request).content).toEqual(result.content);
    }),
    { numRuns: 200 },
  );
});

it("a long stream of small pieces takes linear time", () => {
  const pieces = 20_000;
  const delta = `data: ${JSON.stringify({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "abcdefgh" })}\n\n`;
  const parser = provider.createStreamParser(plain());
  const writer = client.createStreamWriter(context(plain()));
  const begun = performance.now();
  for (let count = 0; count < pieces; count++) writer.push(parser.push(delta));
  const events = parser.push('data: {"type":"response.completed"}\n\n');
  expect(writer.push(events)).toContain("response.completed");
  expect(performance.now() - begun).toBeLessThan(5000);
});
