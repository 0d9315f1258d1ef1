import { describe, expect, it } from "vitest";
import { readConfig } from "../../storage/read-config.ts";

/** Sixty slips in a configuration that is right, one at a time and all at once: each is found where it is. */
const GOOD = {
  server: { host: "127.0.0.1", port: 11434, origins: ["https://app.example"], hosts: ["proxy.lan"] },
  providers: {
    lan: { protocol: "ollama", baseUrl: "http://127.0.0.1:9" },
    "a~b/c": undefined,
    open: {
      protocol: "openai",
      baseUrl: "https://api.example/v1",
      keys: ["env:A_KEY", "file:key"],
      headers: { "x-title": "mine" },
      models: ["a", "b"],
      timeouts: { connect: 5000, idle: 1000 },
      limits: { requestsPerMinute: 60 },
      capabilities: { "*": ["tools", "json"] },
      contextLength: { "*": 8192 },
    },
  },
  groups: {
    default: { models: { "*": "lan/*" } },
    work: {
      strategy: "priority",
      models: {
        small: ["lan/a", { target: "open/b", weight: 2, tools: "compat" }],
        fast: { targets: ["lan/c"], strategy: "least-latency" },
      },
      rules: [
        { when: "longContext", use: "small" },
        { when: { tokens: { ">": 5 }, tools: true }, use: "fast" },
      ],
      failover: { missingModel: true },
      tools: "auto",
      compat: { strict: false, reasks: 1 },
      prompt: { mode: "enhance", text: "x", replace: [["a", "b"]] },
      toolFilter: ["WebFetch"],
      temperatureRatio: 0.7,
    },
  },
  activeGroup: "work",
  keys: { k_1a: { name: "laptop", hash: "a".repeat(64), groups: ["work"], protocols: ["claude"] } },
};

type Mistake = [pointer: string, value: unknown, expected?: string];
const MISSING = Symbol("missing");

const MISTAKES: Mistake[] = [
  ["/server", 7],
  ["/server/host", 5],
  ["/server/host", ""],
  ["/server/port", "11434"],
  ["/server/port", 70_000],
  ["/server/port", 1.5],
  ["/server/ollamaOpen", "yes"],
  ["/server/origins/0", "app.example"],
  ["/server/hosts/0", "http://proxy.lan/"],
  ["/server/maxBodyBytes", 5],
  ["/server/maxConnections", 0],
  ["/server/keepResponses", "disc"],
  ["/server/drainMs", -1],
  ["/server/logBodies", true],
  ["/providers/lan", "http://127.0.0.1:9"],
  ["/providers/lan/protocol", "olama"],
  ["/providers/lan/protocol", MISSING],
  ["/providers/lan/baseUrl", MISSING],
  ["/providers/lan/baseUrl", "127.0.0.1:9"],
  ["/providers/lan/baseUrl", "ftp://x"],
  ["/providers/open/keys", "env:A_KEY"],
  ["/providers/open/keys/0", "env:A-KEY"],
  ["/providers/open/keys/1", "file:"],
  ["/providers/open/keys/0", "two words"],
  ["/providers/open/headers/x-title", 5],
  ["/providers/open/headers/x-title", "a\nb"],
  ["/providers/open/models/1", ""],
  ["/providers/open/timeouts/connect", "5s"],
  ["/providers/open/timeouts/idle", 0],
  ["/providers/open/limits/requestsPerMinute", 0.5],
  ["/providers/open/capabilities/*/0", "tool"],
  ["/providers/open/contextLength/*", "8k"],
  ["/providers/open/enabled", "no"],
  ["/providers/open/proxy", "proxy:8080"],
  ["/providers/a~1b", { protocol: "ollama", baseUrl: "http://127.0.0.1:9" }],
  ["/groups/default/models", MISSING],
  ["/groups/default/models/*", "lan"],
  ["/groups/default/models/*", "lam/*"],
  ["/groups/default/models/*", 5],
  ["/groups/work/strategy", "priorty"],
  ["/groups/work/models/small/0", "lan/"],
  ["/groups/work/models/small/1/target", "opne/b"],
  ["/groups/work/models/small/1/weight", 0],
  ["/groups/work/models/small/1/tools", "emulated"],
  ["/groups/work/models/fast/strategy", "fastest"],
  ["/groups/work/models/fast/targets", []],
  ["/groups/work/rules/0/when", "longcontext"],
  ["/groups/work/rules/0/use", "smal"],
  ["/groups/work/rules/1/use", MISSING],
  ["/groups/work/rules/1/when", {}],
  ["/groups/work/rules/1/when/tools", "yes"],
  ["/groups/work/failover/missingModel", 1],
  ["/groups/work/tools", "none"],
  ["/groups/work/compat/reasks", 3],
  ["/groups/work/compat/prompt", "no tools in it", "/groups/work/compat/prompt"],
  ["/groups/work/prompt/mode", "append"],
  ["/groups/work/prompt/replace/0", ["a"]],
  ["/groups/work/temperatureRatio", -0.1],
  ["/groups/switch", { models: {} }],
  ["/activeGroup", "wrok"],
  ["/keys/k_1a/hash", "abc"],
  ["/keys/k_1a/name", MISSING],
  ["/keys/k_1a/protocols/0", "anthropic"],
  ["/keys/laptop", { name: "x", hash: "a".repeat(64) }],
];

function plant(root: object, pointer: string, value: unknown): void {
  const segments = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  let at = root as Record<string, unknown>;
  for (const segment of segments.slice(0, -1)) at = (at[segment] ??= {}) as Record<string, unknown>;
  const last = segments.at(-1) ?? "";
  if (value === MISSING) delete at[last];
  else at[last] = value;
}

describe("each slip", () => {
  it("there are sixty, in a configuration that is right", async () => {
    expect(MISTAKES.length).toBeGreaterThanOrEqual(60);
    expect(await readConfig(JSON.stringify(GOOD))).toMatchObject({ problems: [], warnings: [] });
  });

  it.each(MISTAKES)("%s: %j", async (pointer, value) => {
    const broken = structuredClone(GOOD);
    plant(broken, pointer, value);
    const text = JSON.stringify(broken, undefined, 2);
    const { problems, config } = await readConfig(text);
    expect(config).toBeUndefined();
    expect(problems.map((problem) => problem.pointer)).toEqual([pointer]);
    const [{ line = 0, column = 0, message } = { message: "" }] = problems;
    expect(message).toMatch(/: \S/);
    const found = text.split("\n")[line - 1]?.slice(column - 1) ?? "";
    const wanted = JSON.stringify(value === MISSING ? {} : value);
    expect(found[0]).toBe(wanted[0]);
    if (typeof value !== "object" && typeof value !== "symbol") expect(found.startsWith(wanted)).toBe(true);
  });
});

it("says what was probably meant", async () => {
  const meant = async (pointer: string, value: unknown): Promise<string> => {
    const broken = structuredClone(GOOD);
    plant(broken, pointer, value);
    const { problems, warnings } = await readConfig(JSON.stringify(broken));
    return (problems[0] ?? warnings[0])?.message ?? "";
  };
  expect(await meant("/providers/lan/protocol", "olama")).toContain('did you mean "ollama"?');
  expect(await meant("/groups/work/strategy", "priorty")).toContain('did you mean "priority"?');
  expect(await meant("/groups/default/models/*", "lam/*")).toContain('did you mean "lan"?');
  expect(await meant("/activeGroup", "wrok")).toContain('did you mean "work"?');
  expect(await meant("/groups/work/temperatureRatoi", 1)).toContain('did you mean "temperatureRatio"?');
});

it("finds all of several slips, what a schema says and what it cannot say alike", async () => {
  const together: Mistake[] = [
    ["/server/port", "x"],
    ["/server/hosts/0", "http://proxy.lan/"],
    ["/providers/lan/baseUrl", "ftp://x"],
    ["/groups/work/strategy", "priorty"],
    ["/groups/work/rules/0/use", "smal"],
    ["/groups/default/models/*", "lam/*"],
    ["/keys/k_1a/hash", "abc"],
  ];
  const broken = structuredClone(GOOD);
  for (const [pointer, value] of together) plant(broken, pointer, value);
  plant(broken, "/servr", {});
  const { problems, warnings } = await readConfig(JSON.stringify(broken));
  expect(problems.map(({ pointer }) => pointer).sort()).toEqual(together.map(([pointer]) => pointer).sort());
  expect(warnings.map(({ pointer }) => pointer)).toEqual(["/servr"]);
});
