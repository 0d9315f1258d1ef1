import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { openSignature, sealSignature } from "../../adapters/signature.ts";

const protocol = fc.constantFrom("claude", "gemini", "openai-responses");
const value = fc.oneof(
  fc.string(),
  fc.base64String(),
  fc.constantFrom("ccproxy.", "ccproxy.x", "ccproxy.gemini.abc", "ccproxy.claude.", ".", ""),
);

describe("sealSignature", () => {
  it("trap 21: comes back byte for byte through a client of any protocol", () => {
    fc.assert(
      fc.property(protocol, value, protocol, (origin, token, client) => {
        expect(openSignature(sealSignature({ origin, value: token }, client), client)).toEqual({
          origin,
          value: token,
        });
      }),
      { numRuns: 500 },
    );
  });

  it("leaves a signature untouched for clients of its own protocol", () => {
    expect(sealSignature({ origin: "claude", value: "EqQB+/=" }, "claude")).toBe("EqQB+/=");
  });

  it("names the origin for all others", () => {
    expect(sealSignature({ origin: "gemini", value: "a.b" }, "claude")).toBe("ccproxy.gemini.a.b");
  });
});

describe("openSignature", () => {
  it("takes what it did not seal for the client's own", () => {
    expect(openSignature("EqQB", "claude")).toEqual({ origin: "claude", value: "EqQB" });
    expect(openSignature("ccproxy.", "claude")).toEqual({ origin: "claude", value: "ccproxy." });
    expect(openSignature("ccproxy.x", "claude")).toEqual({ origin: "claude", value: "ccproxy.x" });
  });
});
