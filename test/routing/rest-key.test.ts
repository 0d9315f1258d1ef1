import { describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import { createCooldowns } from "../../routing/cooldown.ts";
import { restKey } from "../../routing/rest-key.ts";

describe("restKey", () => {
  it.each([
    [
      "the time the provider names, whatever failed",
      new GatewayError("overloaded", "x", { retryAfterMs: 7000 }),
      7000,
    ],
    ["a second where a limit names no time", new GatewayError("rate-limit", "x"), 1000],
    ["a second for a key that was refused", new GatewayError("upstream-auth", "x"), 1000],
    ["nothing where the provider failed by itself", new GatewayError("upstream", "x"), 0],
    ["nothing for overload without a time", new GatewayError("overloaded", "x"), 0],
  ])("rests for %s", (_name, error, ms) => {
    const cooldowns = createCooldowns(() => 0);
    restKey(cooldowns, "p#1", error);
    expect([cooldowns.remaining("p#1"), cooldowns.remaining("p#2")]).toEqual([ms, 0]);
  });
});
