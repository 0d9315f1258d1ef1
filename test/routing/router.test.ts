import { describe, expect, it } from "vitest";
import { createCooldowns } from "../../routing/cooldown.ts";
import { createRouter } from "../../routing/router.ts";
import type { Config, GroupConfig, ProviderConfig } from "../../storage/types.ts";

const provider = (changes: Partial<ProviderConfig> = {}): ProviderConfig => ({
  protocol: "openai",
  baseUrl: "http://a.example",
  ...changes,
});

const setUp = (
  models: GroupConfig["models"],
  changes: { providers?: Config["providers"]; group?: Partial<GroupConfig> } = {},
) => {
  const clock = { now: 0 };
  const cooldowns = createCooldowns(() => clock.now);
  const config: Config = {
    server: { host: "127.0.0.1", port: 11434, ollamaOpen: true },
    providers: changes.providers ?? {
      a: provider({ keys: ["env:A1", "env:A2"] }),
      b: provider({ keys: ["env:B1", "env:B2"] }),
      open: provider(),
      off: provider({ enabled: false }),
    },
    groups: { Default: { models, ...changes.group }, empty: { models: {} } },
    activeGroup: "Default",
    keys: {},
  };
  const router = createRouter(config, cooldowns);
  const order = (model: string): string[] =>
    router.candidates("default", model).map(({ keyName }) => keyName);
  return { router, cooldowns, clock, order };
};

describe("candidates", () => {
  it("carries the group's compat settings, and the target's over them", () => {
    const { router } = setUp(
      { m: { target: "open/x", compat: { reasks: 2 } }, n: "open/x" },
      { group: { compat: { reasks: 0, dialect: "glm" } } },
    );
    expect(router.candidates("default", "m")[0]?.compat).toEqual({ reasks: 2, dialect: "glm" });
    expect(router.candidates("default", "n")[0]?.compat).toEqual({ reasks: 0, dialect: "glm" });
  });

  it("names provider, model, key and tools mode", () => {
    const { router } = setUp(
      { m: { target: "a/org/real:1b", params: { top_k: 1 } } },
      { group: { tools: "native" } },
    );
    expect(router.candidates("default", "m")[0]).toMatchObject({
      providerId: "a",
      model: "org/real:1b",
      key: "env:A1",
      keyName: "a#1",
      tools: "native",
      params: { top_k: 1 },
    });
  });

  it("takes a target's own tools mode before the group's, and auto without either", () => {
    const mode = (group: Partial<GroupConfig>, tools?: "compat") =>
      setUp({ m: { target: "a/x", tools } }, { group }).router.candidates("default", "m")[0]?.tools;
    expect([mode({ tools: "native" }, "compat"), mode({ tools: "native" }), mode({})]).toEqual([
      "compat",
      "native",
      "auto",
    ]);
  });

  it("gives a provider without keys one candidate without a key", () => {
    const { router } = setUp({ m: "open/x" });
    const [only, ...others] = router.candidates("default", "m");
    expect(only).toMatchObject({ keyName: "open" });
    expect(only).not.toHaveProperty("key");
    expect(others).toEqual([]);
  });

  it("puts the asked-for name in place of the star, without :latest", () => {
    const { router } = setUp({ "*": "a/*", "x-*": "a/org/*:free" });
    expect(router.candidates("default", "Some-Model:latest")[0]?.model).toBe("Some-Model");
    expect(router.candidates("default", "x-$&")[0]?.model).toBe("org/x-$&:free");
  });

  it("rotates fairly over two targets with two keys each", () => {
    const { order } = setUp({ m: ["a/x", "b/x"] });
    const first = Array.from({ length: 40 }, () => order("m")[0]);
    for (const name of ["a#1", "a#2", "b#1", "b#2"])
      expect(first.filter((one) => one === name)).toHaveLength(10);
  });

  it("tries the other keys of a target before the other targets", () => {
    const { order } = setUp({ m: ["a/x", "b/x"] });
    for (let turn = 0; turn < 8; turn++) {
      const targets = order("m").map((name) => name.slice(0, 1));
      expect([targets.slice(0, 2), targets.slice(2)]).toEqual(
        targets[0] === "a"
          ? [
              ["a", "a"],
              ["b", "b"],
            ]
          : [
              ["b", "b"],
              ["a", "a"],
            ],
      );
    }
  });

  it("follows weights", () => {
    const { order } = setUp({
      m: [
        { target: "open/x", weight: 3 },
        { target: "open/y", weight: 1 },
      ],
    });
    const { router } = setUp({
      m: [
        { target: "open/x", weight: 3 },
        { target: "open/y", weight: 1 },
      ],
    });
    const models = Array.from({ length: 40 }, () => router.candidates("default", "m")[0]?.model);
    expect(models.filter((model) => model === "x")).toHaveLength(30);
    expect(order("m")).toHaveLength(2);
  });

  it("leaves resting keys out while others are ready", () => {
    const { order, cooldowns, clock } = setUp({ m: ["a/x", "b/x"] });
    cooldowns.rest("a#1", 1000);
    cooldowns.rest("b#2", 1000);
    for (let turn = 0; turn < 8; turn++) expect(order("m").toSorted()).toEqual(["a#2", "b#1"]);
    clock.now += 1000;
    expect(order("m").toSorted()).toEqual(["a#1", "a#2", "b#1", "b#2"]);
  });

  it("asks the one that comes back first when all rest", () => {
    const { order, cooldowns } = setUp({ m: ["a/x", "b/x"] });
    for (const [name, ms] of [
      ["a#1", 400],
      ["a#2", 300],
      ["b#1", 100],
      ["b#2", 200],
    ] as const)
      cooldowns.rest(name, ms);
    for (let turn = 0; turn < 4; turn++) expect(order("m")).toEqual(["b#1", "b#2", "a#2", "a#1"]);
  });

  it("leaves out what is switched off or unknown", () => {
    const { order } = setUp({ m: ["off/x", { target: "a/x", enabled: false }, "nowhere/x", "open/x"] });
    expect(order("m")).toEqual(["open"]);
  });

  it("keeps the rotation of each alias to itself", () => {
    const { order } = setUp({ m: ["a/x"], n: ["a/x"] });
    expect([order("m")[0], order("n")[0], order("m")[0], order("n")[0]]).toEqual([
      "a#1",
      "a#1",
      "a#2",
      "a#2",
    ]);
  });
});

describe("group", () => {
  it("is found whatever its case", () => {
    const { router } = setUp({ m: "a/x" });
    expect(router.group("DEFAULT")).toMatchObject({ name: "Default" });
    expect(router.groupNames()).toEqual(["Default", "empty"]);
  });
});

describe("targets", () => {
  it("tell each target once and leave the rotation where it was", () => {
    const { router, order } = setUp({ m: ["a/x", "b/*", "a/x"] });
    expect(router.targets("default", "m").map(({ providerId, model }) => `${providerId}/${model}`)).toEqual([
      "a/x",
      "b/m",
    ]);
    router.targets("default", "m");
    expect(order("m")[0]).toBe("a#1");
  });
});

describe("errors say what there is and what to do", () => {
  const { router } = setUp({ m: "a/x", "n-*": "a/x", dead: ["off/x"] });
  it.each([
    [
      () => router.group("nope"),
      "not-found",
      "group_not_found",
      /unknown group 'nope': groups are Default, empty.*ccproxy group add nope/,
    ],
    [() => router.group("constructor"), "not-found", "group_not_found", /unknown group/],
    [() => router.candidates("nope", "m"), "not-found", "group_not_found", /unknown group/],
    [
      () => router.candidates("default", "q"),
      "not-found",
      "model_not_found",
      /model 'q' not found in group 'Default', which has m, dead, n-\*/,
    ],
    [() => router.targets("empty", "q"), "not-found", "model_not_found", /which has no models yet/],
    [() => router.candidates("default", "dead"), "unavailable", "no_target", /switched off/],
  ])("(%#)", (call, kind, code, message) => {
    expect(call).toThrow(
      expect.objectContaining({ kind, code, message: expect.stringMatching(message) as string }),
    );
  });
});
