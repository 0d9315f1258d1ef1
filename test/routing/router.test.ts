import { describe, expect, it } from "vitest";
import { createHealth } from "../../routing/health.ts";
import { createLatency } from "../../routing/latency.ts";
import { createRouter, type RouteRequest } from "../../routing/router.ts";
import type { Config, GroupConfig, ProviderConfig } from "../../storage/types.ts";

const provider = (changes: Partial<ProviderConfig> = {}): ProviderConfig => ({
  protocol: "openai",
  baseUrl: "http://a.example",
  ...changes,
});

const ask = (model: string, changes: Partial<RouteRequest> = {}): RouteRequest => ({
  model,
  tokens: () => 0,
  thinking: false,
  tools: false,
  images: () => false,
  body: {},
  conversation: () => 0,
  direct: false,
  ...changes,
});

const setUp = (
  models: GroupConfig["models"],
  changes: {
    providers?: Config["providers"];
    group?: Partial<GroupConfig>;
    caches?: (id: string) => boolean;
  } = {},
) => {
  const clock = { now: 0 };
  const health = createHealth(() => clock.now);
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
  const latency = createLatency(() => clock.now);
  const router = createRouter(config, { health, latency, cachesPrompts: changes.caches ?? (() => false) });
  const first = (model: string, more: Partial<RouteRequest> = {}) =>
    router.plan("default", ask(model, more)).next();
  /** Everybody in the order in which they are asked when each key is refused. */
  const order = (model: string): string[] => {
    const plan = router.plan("default", ask(model));
    const names: string[] = [];
    for (let next = plan.next(); next; next = plan.next("key")) names.push(next.keyName);
    return names;
  };
  const rest = (name: string, ms: number): void => health.begin([]).failed(name, "rate-limit", ms);
  return { router, health, latency, clock, order, first, rest };
};

describe("candidates", () => {
  it("carries the group's compat settings, and the target's over them", () => {
    const { first } = setUp(
      { m: { target: "open/x", compat: { reasks: 2 } }, n: "open/x" },
      { group: { compat: { reasks: 0, dialect: "glm" } } },
    );
    expect(first("m")?.compat).toEqual({ reasks: 2, dialect: "glm" });
    expect(first("n")?.compat).toEqual({ reasks: 0, dialect: "glm" });
  });

  it("names provider, model, key and tools mode", () => {
    const { first } = setUp(
      { m: { target: "a/org/real:1b", params: { top_k: 1 } } },
      { group: { tools: "native" } },
    );
    expect(first("m")).toMatchObject({
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
      setUp({ m: { target: "a/x", tools } }, { group }).first("m")?.tools;
    expect([mode({ tools: "native" }, "compat"), mode({ tools: "native" }), mode({})]).toEqual([
      "compat",
      "native",
      "auto",
    ]);
  });

  it("gives a provider without keys one candidate without a key", () => {
    const { first, order } = setUp({ m: "open/x" });
    expect(first("m")).toMatchObject({ keyName: "open" });
    expect(first("m")?.key).toBeUndefined();
    expect(order("m")).toEqual(["open"]);
  });

  it("puts the asked-for name in place of the star, without :latest", () => {
    const { first } = setUp({ "*": "a/*", "x-*": "a/org/*:free" });
    expect(first("Some-Model:latest")?.model).toBe("Some-Model");
    expect(first("x-$&")?.model).toBe("org/x-$&:free");
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
    const { first, order } = setUp({
      m: [
        { target: "open/x", weight: 3 },
        { target: "open/y", weight: 1 },
      ],
    });
    const models = Array.from({ length: 40 }, () => first("m")?.model);
    expect(models.filter((model) => model === "x")).toHaveLength(30);
    expect(order("m")).toHaveLength(2);
  });

  it("leaves resting keys out while others are ready", () => {
    const { order, rest, clock } = setUp({ m: ["a/x", "b/x"] });
    rest("a#1", 1000);
    rest("b#2", 1000);
    for (let turn = 0; turn < 8; turn++) expect(order("m").toSorted()).toEqual(["a#2", "b#1"]);
    clock.now += 1000;
    expect(order("m").toSorted()).toEqual(["a#1", "a#2", "b#1", "b#2"]);
  });

  it("asks nobody while all rest, and tells when the first is back", () => {
    const { router, order, rest } = setUp({ m: ["a/x", "b/x"] });
    for (const [name, ms] of [
      ["a#1", 400],
      ["a#2 x", 300],
      ["b/x", 100],
    ] as const)
      rest(name, ms);
    expect(order("m")).toEqual([]);
    const plan = router.plan("default", ask("m"));
    expect(plan.waitMs()).toBe(100);
    expect(plan.resting().map(({ key, remainingMs }) => [key, remainingMs])).toEqual([
      ["a#1", 400],
      ["a#2", 300],
      ["b#1", 100],
      ["b#2", 100],
    ]);
  });

  it("finds out at the pick who rests, not when the plan was made", () => {
    const { router, rest } = setUp({ m: ["a/x", "b/x"] });
    const plan = router.plan("default", ask("m"));
    rest("a#1", 100);
    expect(plan.next()?.keyName).not.toBe("a#1");
  });

  it("asks other providers only where the provider failed", () => {
    const { router } = setUp({ m: ["a/x", "a/y", "b/x"] });
    const plan = router.plan("default", ask("m"));
    expect([plan.next()?.providerId, plan.next("provider")?.providerId, plan.next("provider")]).toEqual([
      "a",
      "b",
      undefined,
    ]);
    plan.renew();
    expect(plan.next()).toBeDefined();
  });

  it("asks again who was put to rest and is back, and nobody who did not rest", () => {
    const { router, rest, clock } = setUp({ m: ["open/x", "open/y", "open/z"] });
    const plan = router.plan("default", ask("m"));
    expect([plan.next()?.model, plan.next()?.model]).toEqual(["x", "y"]);
    rest("open y", 100);
    plan.rested();
    expect([plan.next()?.model, plan.readmit(), plan.next()]).toEqual(["z", false, undefined]);
    clock.now += 100;
    expect([plan.readmit(), plan.next()?.model, plan.next(), plan.readmit()]).toEqual([
      true,
      "y",
      undefined,
      false,
    ]);
  });

  it("gives what it let be seen", () => {
    const { router } = setUp({ m: ["a/x", "b/x"] });
    const plan = router.plan("default", ask("m"));
    const seen = plan.peek()?.keyName;
    expect([plan.peek()?.keyName, plan.next()?.keyName]).toEqual([seen, seen]);
    expect(plan.next()?.keyName).not.toBe(seen);
  });

  it("prefers providers while there are any", () => {
    const { first } = setUp({ m: ["a/x", "open/x"] });
    const only = (id: string) => first("m", { prefers: (one) => one.keys === undefined && id === "open" });
    for (let turn = 0; turn < 4; turn++) expect(only("open")?.providerId).toBe("open");
    expect(only("nobody")).toBeDefined();
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

describe("strategies", () => {
  const targets = ["a/x", "b/x"];

  it("takes the alias's own before the group's", () => {
    const { router } = setUp(
      { m: { targets, strategy: "priority" }, n: targets },
      { group: { strategy: "sticky" } },
    );
    expect(["m", "n"].map((model) => router.plan("default", ask(model)).strategy)).toEqual([
      "priority",
      "sticky",
    ]);
  });

  it("stays with a key by default where all providers cache prompts", () => {
    const { router } = setUp({ m: targets, n: ["a/x", "open/x"] }, { caches: (id) => id !== "open" });
    expect(["m", "n"].map((model) => router.plan("default", ask(model)).strategy)).toEqual([
      "sticky",
      "round-robin",
    ]);
  });

  it("least-latency measures everybody first, then takes the fastest", () => {
    const { first, latency } = setUp({ m: { targets, strategy: "least-latency" } });
    latency.measured("a/x", 10);
    expect(first("m")?.providerId).toBe("b");
    latency.measured("b/x", 500);
    for (let turn = 0; turn < 4; turn++) expect(first("m")?.providerId).toBe("a");
  });
});

describe("rules", () => {
  const rules: GroupConfig["rules"] = [
    { when: "longContext", use: "long" },
    { when: { tools: false }, use: "b/plain", params: { effort: 1 }, name: "no tools" },
  ];
  const models = { m: "a/x", long: "open/*" };

  it("the first that holds chooses the alias or target; the star still is the name asked for", () => {
    const { router, first } = setUp(models, { group: { rules } });
    expect(first("m", { tokens: () => 60_001 })).toMatchObject({ providerId: "open", model: "m" });
    expect(first("m", { tokens: () => 60_000 })).toMatchObject({
      providerId: "b",
      model: "plain",
      params: { effort: 1 },
    });
    expect(first("m", { tools: true })).toMatchObject({ providerId: "a", model: "x" });
    expect(router.plan("default", ask("m")).rule).toBe("no tools");
    expect(router.plan("default", ask("unknown", { tokens: () => 99_999 })).rule).toBe("longContext");
  });
});

describe("targets that callers name themselves", () => {
  const models = { "*": "open/*", "b/listed": "open/y", "b/pre*": "open/z" };
  const target = (model: string, direct = true) => {
    const found = setUp(models).first(model, { direct });
    return found && `${found.providerId}/${found.model}`;
  };

  it.each([
    ["a/org/real:1b", "a/org/real:1b"],
    ["A,real", "a/real"],
    ["a, real", "a/real"],
    ["b/listed", "open/y"],
    ["b/prefixed", "open/z"],
    ["nobody/real", "open/nobody/real"],
    ["a/", "open/a/"],
    ["a/x*", "open/a/x*"],
  ])("%s is %s", (model, expected) => expect(target(model)).toBe(expected));

  it("are names like any other where the caller may not", () => {
    expect(target("a/real", false)).toBe("open/a/real");
  });

  it("are not used where they are switched off", () => {
    expect(() => target("off/x")).toThrow(/switched off/);
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
    [() => router.plan("nope", ask("m")), "not-found", "group_not_found", /unknown group/],
    [
      () => router.plan("default", ask("q")),
      "not-found",
      "model_not_found",
      /model 'q' not found in group 'Default', which has m, dead, n-\*/,
    ],
    [() => router.targets("empty", "q"), "not-found", "model_not_found", /which has no models yet/],
    [() => router.plan("default", ask("dead")), "unavailable", "no_target", /switched off/],
  ])("(%#)", (call, kind, code, message) => {
    expect(call).toThrow(
      expect.objectContaining({ kind, code, message: expect.stringMatching(message) as string }),
    );
  });
});
