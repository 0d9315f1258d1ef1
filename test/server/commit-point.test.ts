import { expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import type { StreamEvent } from "../../adapters/unified.ts";
import { createCommitPoint } from "../../server/commit-point.ts";

const thought = (text: string): StreamEvent => ({ type: "thinking-delta", text });
const text = (value: string): StreamEvent => ({ type: "text-delta", text: value });

it.each<[string, StreamEvent[], boolean]>([
  ["a greeting", [{ type: "start" }], false],
  ["an empty text", [text("")], false],
  ["a text", [{ type: "start" }, text("a")], true],
  ["a call", [{ type: "tool-start", index: 0, name: "t" }], true],
  ["a refusal", [{ type: "refusal-delta", text: "no" }], true],
  ["the end", [{ type: "finish", reason: "stop" }], true],
  ["an error", [{ type: "error", error: new GatewayError("upstream", "m") }], false],
  ["a short thought", [thought("hm")], false],
  ["a long thought", [thought("x".repeat(1025))], true],
])("%s: %s", (_name, events, expected) => expect(createCommitPoint(() => 0)(events)).toBe(expected));

it("lets thoughts through after two seconds", () => {
  const clock = { now: 0 };
  const isCommitted = createCommitPoint(() => clock.now);
  expect(isCommitted([thought("a")])).toBe(false);
  clock.now = 2000;
  expect(isCommitted([thought("b")])).toBe(false);
  clock.now = 2001;
  expect(isCommitted([thought("c")])).toBe(true);
});
