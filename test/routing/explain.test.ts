import fc from "fast-check";
import { expect, it } from "vitest";
import { createHealth } from "../../routing/health.ts";
import { createLatency } from "../../routing/latency.ts";
import { createRouter, type RouteRequest, type Router } from "../../routing/router.ts";
import type { Config, Strategy } from "../../storage/types.ts";

const provider = { protocol: "openai", baseUrl: "http://127.0.0.1:9" };
const request = (changes: Partial<RouteRequest> = {}): RouteRequest => ({
  model: "m",
  tokens: () => 0,
  thinking: false,
  tools: false,
  images: () => false,
  body: {},
  conversation: () => 0,
  direct: false,
  ...changes,
});
const STRATEGIES: Strategy[] = ["round-robin", "priority", "least-latency", "sticky"];

const drain = (router: Router, asked: RouteRequest): string[] => {
  const plan = router.plan("default", asked);
  const names: string[] = [];
  for (let next = plan.next(); next; next = plan.next()) names.push(`${next.keyName} ${next.names.target}`);
  return names;
};

it("says what a plan then does, and leaves the rotation where it was", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STRATEGIES),
      fc.array(fc.record({ id: fc.constantFrom("a", "b", "c"), weight: fc.integer({ min: 1, max: 4 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.subarray(["a#1", "a#2", "b/x", "c"]),
      fc.nat(),
      (strategy, targets, ill, conversation) => {
        const config: Config = {
          server: { host: "127.0.0.1", port: 1, ollamaOpen: true },
          providers: { a: { ...provider, keys: ["k1", "k2"] }, b: provider, c: provider },
          groups: {
            default: {
              strategy,
              models: {
                m: targets.map(({ id, weight }, at) => ({ target: `${id}/${at ? "x" : "y"}`, weight })),
              },
            },
          },
          activeGroup: "default",
          keys: {},
        };
        const health = createHealth(() => 0);
        for (const name of ill) health.begin([name]).failed(name, "quota");
        const make = () =>
          createRouter(config, { health, latency: createLatency(() => 0), cachesPrompts: () => false });
        const [explained, fresh, untouched] = [make(), make(), make()];
        const asked = request({ conversation: () => conversation });
        const said = explained.explain("default", asked);
        expect(said.candidates.map(({ key, target }) => `${key} ${target}`)).toEqual(drain(fresh, asked));
        // Asked again and again it says the same, and a real request begins where it would have begun.
        expect(explained.explain("default", asked)).toEqual(said);
        expect(drain(explained, asked)).toEqual(drain(untouched, asked));
        for (const { target, reason } of said.skipped) {
          expect(reason).toBe("quota");
          expect(said.candidates.length === 0 || target !== "").toBe(true);
        }
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

it("names what is switched off, set aside, resting, and the rules that were looked at", () => {
  const health = createHealth(() => 0);
  health.begin(["a#1"]).failed("a#1", "rate-limit", 90_000);
  const config: Config = {
    server: { host: "127.0.0.1", port: 1, ollamaOpen: true },
    providers: {
      a: { ...provider, keys: ["k1", "k2"], disabledKeys: ["k3"] },
      off: { ...provider, enabled: false },
      b: provider,
    },
    groups: {
      default: {
        models: { m: ["off/x", { target: "b/y", enabled: false }, "a/*"], long: "b/long" },
        rules: [
          { name: "big", when: { tokens: { ">": 1000 } }, use: "long" },
          { when: "think", use: "m" },
          { when: "default", use: "long" },
        ],
      },
    },
    activeGroup: "default",
    keys: {},
  };
  const router = createRouter(config, {
    health,
    latency: createLatency(() => 0),
    cachesPrompts: () => false,
  });
  expect(router.explain("default", request({ thinking: true }))).toMatchObject({
    rules: [
      { name: "big", holds: false, use: "long" },
      { name: "think", holds: true, use: "m" },
    ],
    rule: "think",
    alias: "m",
    candidates: [{ target: "a/m", key: "a#2", protocol: "openai", tools: "auto" }],
    skipped: [
      { target: "a/m", key: "a#1", reason: "rate-limit", remainingMs: 90_000 },
      { target: "off/x", reason: "provider-off", remainingMs: null },
      { target: "b/y", reason: "target-off", remainingMs: null },
      { target: "a/*", key: "a", reason: "key-off", remainingMs: null },
    ],
  });
  expect(router.explain("default", request({ tokens: () => 5000 }))).toMatchObject({
    rules: [{ name: "big", holds: true }],
    alias: "long",
    candidates: [{ target: "b/long", key: "b" }],
  });
});
