import fc from "fast-check";
import { expect, it } from "vitest";
import type { WriteContext } from "../../../adapters/adapter.ts";
import { toStartText } from "../../../adapters/claude/start-text.ts";
import { writeStart } from "../../../adapters/claude/write-message.ts";

const contexts = fc
  .record({ model: fc.string({ unit: "binary" }), id: fc.string(), beta: fc.boolean(), named: fc.boolean() })
  .map(({ model, id, beta, named }): WriteContext => ({
    call: {
      job: "chat",
      params: {},
      query: new URLSearchParams(beta ? { beta: "true" } : {}),
      headers: named ? { "anthropic-beta": "x" } : {},
    },
    request: { model, messages: [], stream: true },
    id,
    newId: () => "",
    createdAt: 0,
    now: () => 0,
  }));

it("is what a message begins with", () => {
  fc.assert(
    fc.property(contexts, (context) => {
      expect(toStartText(context)).toBe(JSON.stringify(writeStart({}, context)));
    }),
  );
});
