import { describe, expect, it } from "vitest";
import { configSchema } from "../../storage/config.schema.ts";
import type { Schema } from "../../storage/schema/schema.ts";
import { readConfig } from "../../storage/read-config.ts";

const lan = { protocol: "ollama", baseUrl: "http://127.0.0.1:9" };
const group = (settings: object): object => ({
  providers: { lan },
  groups: { a: { models: {}, ...settings } },
});
const models = (value: unknown): object => group({ models: { x: value } });
const provider = (settings: object): object => ({ providers: { lan: { ...lan, ...settings } } });
const key = (settings: object): object => ({
  keys: { k_1a: { name: "n", hash: "0".repeat(64), ...settings } },
});

describe("what is refused, with pointer and words", () => {
  it.each<[string, unknown, string, string]>([
    ["the file is a list", [], "", "expected an object, got an empty list"],
    ["wrong type", { server: { port: "11434" } }, "/server/port", 'expected a whole number, got "11434"'],
    [
      "out of range",
      { server: { port: 70_000 } },
      "/server/port",
      "expected a number of at most 65535, got 70000",
    ],
    ["origin", { server: { origins: ["app.example"] } }, "/server/origins/0", "expected an origin"],
    ["host", { server: { hosts: ["http://x"] } }, "/server/hosts/0", "expected a host name"],
    ["missing", { providers: { lan: { protocol: "ollama" } } }, "/providers/lan/baseUrl", "is missing"],
    ["protocol", provider({ protocol: "openapi" }), "/providers/lan/protocol", 'got "openapi"'],
    [
      "no URL",
      provider({ baseUrl: "localhost:11434x/y z" }),
      "/providers/lan/baseUrl",
      "expected a http:// or https:// URL",
    ],
    [
      "other scheme",
      provider({ baseUrl: "ftp://x" }),
      "/providers/lan/baseUrl",
      "expected a http:// or https:// URL, got ftp:",
    ],
    ["proxy", provider({ proxy: "x" }), "/providers/lan/proxy", "expected a URL"],
    ["env key", provider({ keys: ["env:A-B"] }), "/providers/lan/keys/0", "expected env: and the name"],
    ["key with space", provider({ keys: ["ok", "sk-1 secret"] }), "/providers/lan/keys/1", "no spaces"],
    [
      "header",
      provider({ headers: { "x-a": "1\r\nx-b: 2" } }),
      "/providers/lan/headers/x-a",
      "no line breaks",
    ],
    ["provider name", { providers: { "a/b": lan } }, "/providers/a~1b", 'no "/"'],
    [
      "reserved group",
      { groups: { Compat: { models: {} } } },
      "/groups/Compat",
      "a word of the paths themselves",
    ],
    ["group name", { groups: { "a b": { models: {} } } }, "/groups/a b", "cannot be a group's name"],
    [
      "same group twice",
      { groups: { a: { models: {} }, A: { models: {} } } },
      "/groups/A",
      "case does not count",
    ],
    ["no slash", models("qwen"), "/groups/a/models/x", "expected provider/model"],
    ["unknown provider", models(["lan/a", "lam/a"]), "/groups/a/models/x/1", 'did you mean "lan"?'],
    [
      "unknown provider in an object",
      models([{ target: "b/c" }]),
      "/groups/a/models/x/0/target",
      'there is "lan"',
    ],
    ["target of no kind", models(3), "/groups/a/models/x", "expected a text, an object or a list, got 3"],
    ["target without target", models([{ weight: 1 }]), "/groups/a/models/x/0/target", "is missing"],
    ["weight", models({ target: "lan/a", weight: 0 }), "/groups/a/models/x/weight", "greater than 0"],
    ["no targets", models([]), "/groups/a/models/x", "at least 1 entries"],
    ["tools", group({ tools: "on" }), "/groups/a/tools", "expected one of auto, native, compat"],
    ["dialect", group({ compat: { dialect: "x" } }), "/groups/a/compat/dialect", "expected one of hermes, "],
    ["strict", group({ compat: { strict: 1 } }), "/groups/a/compat/strict", "expected true or false"],
    ["reasks below", group({ compat: { reasks: -1 } }), "/groups/a/compat/reasks", "at least 0"],
    ["reasks above", group({ compat: { reasks: 3 } }), "/groups/a/compat/reasks", "at most 2"],
    ["reasks broken", group({ compat: { reasks: 0.5 } }), "/groups/a/compat/reasks", "a whole number"],
    ["tool prompt", group({ compat: { prompt: "x" } }), "/groups/a/compat/prompt", "expected {tools}"],
    [
      "a target's tool prompt",
      models([{ target: "lan/a", compat: { prompt: "{tool}" } }]),
      "/groups/a/models/x/0/compat/prompt",
      "expected {tools}",
    ],
    [
      "a target's reasks",
      models([{ target: "lan/a", compat: { reasks: 9 } }]),
      "/groups/a/models/x/0/compat/reasks",
      "at most 2",
    ],
    [
      "capabilities",
      provider({ capabilities: { "*": ["tool"] } }),
      "/providers/lan/capabilities/*/0",
      "expected one of tools, vision, thinking, json",
    ],
    [
      "prompt",
      group({ prompt: { mode: "enhance", replace: [["a"]] } }),
      "/groups/a/prompt/replace/0",
      "at least 2",
    ],
    [
      "active group",
      { activeGroup: "b", groups: { bb: { models: {} } } },
      "/activeGroup",
      'there is no group "b"',
    ],
    ["hash", key({ hash: "abc" }), "/keys/k_1a/hash", "64 hexadecimal digits"],
    ["expiry", key({ expiresAt: "soon" }), "/keys/k_1a/expiresAt", "expected an ISO date"],
    ["key id", { keys: { mine: { name: "n", hash: "0".repeat(64) } } }, "/keys/mine", "expected an id"],
  ])("%s", async (_, value, pointer, words) => {
    const read = await readConfig(JSON.stringify(value));
    expect(read.config).toBeUndefined();
    expect(read.problems[0]?.pointer).toBe(pointer);
    expect(read.problems[0]?.message).toContain(words);
  });

  it("names the line of each problem, however the text is written", async () => {
    const text =
      '\uFEFF{\r\n "groups": { "a": { "models": {\r\n  "we\\u0069rd \\"{": 1,\r\n  "y": [ "lan/x",\r\n "z" ] } } },\r\n "providers": {\r\n"lan": 5}}';
    const { problems } = await readConfig(text);
    expect(problems.map((problem) => [problem.pointer, problem.line])).toEqual([
      ["/providers/lan", 7],
      ['/groups/a/models/weird "{', 3],
      ["/groups/a/models/y/1", 5],
    ]);
  });

  it.each([
    ["", 1, "the file is empty"],
    ['{\n "a": 1,\n}', 3, 'no "," may stand before "}"'],
    ["[1,\n]", 2, 'no "," may stand before "]"'],
    ['{\n "a": 1\n "b": 2}', 3, 'expected "," or "}", found "\\""'],
    ["{ a: 1 }", 1, 'expected a name in double quotes, found "a"'],
    ["{'a': 1}", 1, 'expected a name in double quotes, found "\'"'],
    ['{"a" 1}', 1, 'expected ":" after the name'],
    ['{"a": tru}', 1, 'expected a value, found "tru"'],
    ['{"a": 01}', 1, "expected a value"],
    ['{"a": "\\x"}', 1, "is no escape"],
    ['{"a": "x\n"}', 1, "not closed on its line"],
    ['{\n// mine\n"a": 1}', 2, "JSON has no comments"],
    ['{"a": [1, 2', 1, 'the file ends too early: a "]" is missing'],
    ["{} x", 1, "nothing may follow the end"],
  ])("no JSON: %j", async (text, line, words) => {
    const { problems, broken } = await readConfig(text);
    expect(broken).toBe(true);
    expect(problems[0]).toMatchObject({ pointer: "", line });
    expect(problems[0]?.message).toContain(words);
  });

  it("names that reach prototypes, and bottomless nesting", async () => {
    for (const text of [
      '{"providers":{"__proto__":{}}}',
      '{"groups":{"a":{"models":{},"prompt":{"constructor":1}}}}',
    ]) {
      expect((await readConfig(text)).problems[0]?.message).toContain("cannot be used as a name");
    }
    expect(
      (await readConfig(`{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)).problems[0]?.message,
    ).toContain("nested deeper");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("never shows what may be a secret", async () => {
    const values = [
      provider({ keys: [12345678] }),
      provider({ keys: ["sécret-12345678"] }),
      provider({ baseUrl: "ftp://user:12345678@x" }),
      provider({ headers: { authorization: 12345678 } }),
      key({ hash: "12345678" }),
    ];
    for (const value of values) {
      const { problems } = await readConfig(JSON.stringify(value));
      expect(problems).not.toEqual([]);
      expect(JSON.stringify(problems)).not.toContain("12345678");
    }
  });
});

describe("what is accepted", () => {
  it("the whole documented example", async () => {
    const example = {
      $schema: "./config.schema.json",
      server: { host: "127.0.0.1", port: 11434 },
      providers: {
        openrouter: {
          protocol: "openai",
          baseUrl: "https://openrouter.ai/api/v1",
          keys: ["env:OPENROUTER_API_KEY"],
        },
        lan: { protocol: "ollama", baseUrl: "http://192.168.1.9:11434" },
      },
      groups: {
        default: { models: { "*": ["lan/*"] } },
        qwen: {
          models: {
            "claude-sonnet-*": [
              "openrouter/qwen/qwen3-coder",
              { target: "lan/qwen3-coder:30b", weight: 2, tools: "compat" },
            ],
          },
          tools: "auto",
          prompt: {
            mode: "enhance",
            text: "…",
            position: "system",
            models: ["claude-*"],
            replace: [["old", "new"]],
          },
          toolFilter: ["WebFetch"],
          temperatureRatio: 0.7,
        },
      },
      activeGroup: "QWEN",
      keys: {
        k_3f9c: { name: "claude-code", hash: "0".repeat(64), groups: ["qwen"], expiresAt: "2030-01-01" },
      },
    };
    const { config, warnings } = await readConfig(JSON.stringify(example));
    expect(config).toEqual({ ...example, server: { ...example.server, ollamaOpen: true } });
    expect(warnings).toEqual([]);
  });

  it("warns, and no more, of groups and demos that keys and aliases name in vain", async () => {
    const read = await readConfig(JSON.stringify({ ...key({ groups: ["b"] }), ...models("demo/demo") }));
    expect(read.problems).toEqual([]);
    expect(read.warnings.map((warning) => warning.pointer)).toEqual([
      "/groups/a/models/x",
      "/keys/k_1a/groups/0",
    ]);
  });
});

it("every field of the schema is described", () => {
  const undescribed: string[] = [];
  const walk = (schema: Schema, path: string): void => {
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (!member.description) undescribed.push(`${path}/${name}`);
      walk(member, `${path}/${name}`);
    }
    for (const inner of [schema.additionalProperties, schema.items, ...(schema.anyOf ?? [])])
      if (inner) walk(inner, path);
  };
  walk(configSchema, "");
  expect(undescribed).toEqual([]);
});
