import { describe, expect, it } from "vitest";
import { findRule, type RouteFacts } from "../../routing/rules.ts";
import type { Comparison, Condition, RulePreset } from "../../storage/types.ts";

const facts = (changes: Partial<RouteFacts> = {}): RouteFacts => ({
  model: "claude-sonnet-4-5",
  tokens: () => 1000,
  thinking: false,
  tools: true,
  images: () => false,
  body: { temperature: 0.5, metadata: { user_id: "team-a_7" }, messages: [{ role: "user" }], stop: ["x"] },
  ...changes,
});
const holds = (when: RulePreset | Condition, changes?: Partial<RouteFacts>): boolean =>
  findRule([{ when, use: "m" }], facts(changes)) !== undefined;

describe("findRule", () => {
  it("takes the first that holds, and names it", () => {
    const rules = [
      { when: "background" as const, use: "small" },
      { when: { tools: true }, use: "a" },
      { when: "default" as const, use: "b", name: "rest" },
    ];
    expect(findRule(rules, facts())).toEqual({ rule: rules[1], name: "#2" });
    expect(findRule(rules, facts({ model: "Claude-3-5-HAIKU-latest" }))?.name).toBe("background");
    expect(findRule(rules, facts({ tools: false }))?.name).toBe("rest");
    expect(findRule([], facts())).toBeUndefined();
  });

  it.each<[RulePreset, Partial<RouteFacts>, boolean]>([
    ["longContext", { tokens: () => 60_001 }, true],
    ["longContext", { tokens: () => 60_000 }, false],
    ["background", { model: "claude-haiku-4-5" }, true],
    ["background", { model: "claude-opus" }, false],
    ["think", { thinking: true }, true],
    ["think", {}, false],
    ["default", {}, true],
  ])("preset %s of %o: %s", (preset, changes, expected) => expect(holds(preset, changes)).toBe(expected));

  it.each<[Condition, Partial<RouteFacts>, boolean]>([
    [{ model: "*sonnet*" }, {}, true],
    [{ tools: false }, {}, false],
    [{ images: true }, { images: () => true }, true],
    [{ images: true }, {}, false],
    [{ tokens: { ">=": 1000, "<": 1001 } }, {}, true],
    [{ tokens: { ">": 1000 } }, {}, false],
    [{ tools: true, thinking: true }, {}, false],
  ])("%o of %o: %s", (condition, changes, expected) => expect(holds(condition, changes)).toBe(expected));

  it.each<[string, Comparison, boolean]>([
    ["temperature", { "==": 0.5 }, true],
    ["temperature", { "!=": 0.5 }, false],
    ["temperature", { "<=": 0.5, ">=": 0.5 }, true],
    ["temperature", { ">": 0.5 }, false],
    ["nothing.there", { "!=": 1 }, true],
    ["nothing.there", { "==": 1 }, false],
    ["metadata.user_id", { contains: "team-a" }, true],
    ["metadata.user_id", { contains: "team-b" }, false],
    ["metadata.user_id", { matches: "TEAM-?_*" }, true],
    ["metadata.user_id", { ">": 3 }, false],
    ["stop", { contains: "x" }, true],
    ["stop", { matches: "x" }, false],
    ["messages.0.role", { "==": "user" }, true],
    ["messages.1.role", { "==": "user" }, false],
    ["metadata.constructor", { "!=": "x" }, true],
    ["metadata.__proto__.toString", { contains: "x" }, false],
    ["temperature", { "~": 1 } as Comparison, false],
  ])("body %s %o: %s", (path, comparison, expected) =>
    expect(holds({ body: { [path]: comparison } })).toBe(expected),
  );

  it("counts tokens only for rules that ask, and after all that costs less", () => {
    let counted = 0;
    const tokens = (): number => ++counted;
    holds({ tokens: { ">": 5 }, model: "nobody" }, { tokens });
    holds("think", { tokens });
    expect(counted).toBe(0);
    holds({ tokens: { ">": 5 } }, { tokens });
    expect(counted).toBe(1);
  });
});
