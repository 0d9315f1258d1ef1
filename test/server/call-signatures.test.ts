import { describe, expect, it } from "vitest";
import type { Signature, StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import { createCallSignatures } from "../../server/call-signatures.ts";

const sign = (value: string): Signature => ({ origin: "gemini", value });
const start = (id: string | undefined, signature?: Signature): StreamEvent => ({
  type: "tool-start",
  index: 0,
  name: "t",
  ...(id !== undefined && { id }),
  ...(signature && { signature }),
});
const asking = (...calls: { id: string; signature?: Signature }[]): UnifiedRequest => ({
  model: "m",
  stream: true,
  messages: [
    { role: "user", content: [{ type: "text", text: "a" }] },
    {
      role: "assistant",
      content: calls.map((call) => ({ type: "tool-call" as const, name: "t", args: "{}", ...call })),
    },
  ],
});

describe("createCallSignatures", () => {
  it("trap 20: puts back what a client's protocol could not carry", () => {
    const signatures = createCallSignatures();
    signatures.remember([
      start("1", sign("a")),
      { type: "text-delta", text: "x" },
      start("2"),
      start(undefined, sign("b")),
    ]);
    const request = asking({ id: "1" }, { id: "2" }, { id: "" });
    expect(signatures.restore(request)).toEqual(
      asking({ id: "1", signature: sign("a") }, { id: "2" }, { id: "" }),
    );
    expect(request).toEqual(asking({ id: "1" }, { id: "2" }, { id: "" }));
  });

  it("believes the client where it brought one itself", () => {
    const signatures = createCallSignatures();
    signatures.remember([start("1", sign("a"))]);
    const request = asking({ id: "1", signature: sign("own") });
    expect(signatures.restore(request)).toEqual(request);
  });

  it("gives back the request itself while nothing is known", () => {
    const request = asking({ id: "1" });
    expect(createCallSignatures().restore(request)).toBe(request);
  });

  it("forgets the oldest when it is full", () => {
    const signatures = createCallSignatures(2);
    for (const id of ["1", "2", "3"]) signatures.remember([start(id, sign(id))]);
    expect(signatures.restore(asking({ id: "1" }, { id: "2" }, { id: "3" }))).toEqual(
      asking({ id: "1" }, { id: "2", signature: sign("2") }, { id: "3", signature: sign("3") }),
    );
  });
});
