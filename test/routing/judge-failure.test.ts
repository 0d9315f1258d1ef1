import { describe, expect, it } from "vitest";
import { GatewayError, type ErrorDetails, type ErrorKind } from "../../adapters/errors.ts";
import { judgeFailure } from "../../routing/judge-failure.ts";

const judge = (kind: ErrorKind, details: ErrorDetails = {}, failover = {}) =>
  judgeFailure(new GatewayError(kind, "m", details), failover);

describe("judgeFailure", () => {
  it.each<[ErrorKind, ErrorDetails, object]>([
    [
      "rate-limit",
      { retryAfterMs: 7 },
      { next: "key", rest: { name: "model", reason: "rate-limit", ms: 7 } },
    ],
    ["rate-limit", { code: "insufficient_quota" }, { next: "key", rest: { name: "key", reason: "quota" } }],
    ["rate-limit", { upstreamStatus: 402 }, { next: "key", rest: { name: "key", reason: "quota" } }],
    ["upstream-auth", {}, { next: "key", rest: { name: "key", reason: "refused" } }],
    ["overloaded", {}, { next: "provider", again: "any", rest: { name: "target", reason: "busy" } }],
    ["upstream", {}, { next: "provider", again: "any", rest: { name: "target", reason: "failures" } }],
    ["timeout", {}, { next: "provider", again: "other-key", rest: { name: "target", reason: "failures" } }],
    ["unavailable", {}, { next: "provider" }],
  ])("%s %o goes on: %o", (kind, details, verdict) => expect(judge(kind, details)).toEqual(verdict));

  it.each<ErrorKind>([
    "invalid-request",
    "not-found",
    "too-large",
    "unsupported",
    "cancelled",
    "internal",
    "permission",
    "authentication",
  ])("%s is final", (kind) => expect(judge(kind)).toEqual({ next: "none" }));

  it.each([
    "credit_balance_exhausted",
    "daily_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
  ])("%s is no matter of waiting a little", (code) =>
    expect(judge("rate-limit", { code }).rest?.reason).toBe("quota"),
  );

  it("asks others about unknown models and long conversations only where the group says so", () => {
    const overflow = { code: "context_length_exceeded" };
    expect(judge("not-found", {}, { missingModel: true }).next).toBe("provider");
    expect(judge("invalid-request", overflow, { contextOverflow: true }).next).toBe("provider");
    expect(judge("too-large", {}, { contextOverflow: true }).next).toBe("provider");
    expect(judge("invalid-request", {}, { contextOverflow: true }).next).toBe("none");
    expect(judge("invalid-request", overflow).next).toBe("none");
  });

  it.each(["ENOTFOUND", "redirect", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID"])(
    "asks nobody again who would say the same: %s",
    (code) => {
      expect(judgeFailure(new GatewayError("upstream", "m", { code }))).not.toHaveProperty("again");
      expect(judgeFailure(new GatewayError("upstream", "m", { code: "ECONNREFUSED" })).again).toBe("any");
    },
  );
});
