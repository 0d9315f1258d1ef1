import { describe, expect, it } from "vitest";
import { GatewayError, toErrorKind, toStatus, type ErrorKind } from "../../adapters/errors.ts";

describe("GatewayError", () => {
  it("carries its details and its cause", () => {
    const cause = new Error("inner");
    const details = { cause, upstreamStatus: 429, retryAfterMs: 5, param: "a.b", code: "x" };
    const error = new GatewayError("rate-limit", "slow down", details);
    expect(error).toMatchObject({
      ...details,
      name: "GatewayError",
      kind: "rate-limit",
      message: "slow down",
    });
    expect(error).toBeInstanceOf(Error);
    expect("cause" in new GatewayError("internal", "x")).toBe(false);
  });
});

describe("toStatus", () => {
  it.each([
    ["invalid-request", 400],
    ["authentication", 401],
    ["permission", 403],
    ["not-found", 404],
    ["method-not-allowed", 405],
    ["too-large", 413],
    ["rate-limit", 429],
    ["overloaded", 503],
    ["upstream-auth", 502],
    ["upstream", 502],
    ["timeout", 504],
    ["unsupported", 400],
    ["unavailable", 503],
    ["cancelled", 499],
    ["internal", 500],
  ] satisfies [ErrorKind, number][])("%s is %i", (kind, status) => {
    expect(toStatus(new GatewayError(kind, "x"))).toBe(status);
  });

  it("passes on a provider's own 5xx, and no other status of its", () => {
    expect(toStatus(new GatewayError("upstream", "x", { upstreamStatus: 507 }))).toBe(507);
    expect(toStatus(new GatewayError("upstream", "x", { upstreamStatus: 418 }))).toBe(502);
    expect(toStatus(new GatewayError("upstream-auth", "x", { upstreamStatus: 401 }))).toBe(502);
  });
});

describe("toErrorKind", () => {
  it.each([
    [400, "invalid-request"],
    [401, "upstream-auth"],
    [402, "rate-limit"],
    [403, "upstream-auth"],
    [404, "not-found"],
    [408, "timeout"],
    [413, "too-large"],
    [422, "invalid-request"],
    [429, "rate-limit"],
    [418, "upstream"],
    [500, "upstream"],
    [502, "upstream"],
    [503, "overloaded"],
    [504, "timeout"],
    [529, "overloaded"],
  ])("takes %i for %s", (status, kind) => {
    expect(toErrorKind(status)).toBe(kind);
  });

  it("never takes a provider's 401 or 403 for the caller's fault", () => {
    for (const status of [401, 403]) expect(toStatus(new GatewayError(toErrorKind(status), "x"))).toBe(502);
  });
});
