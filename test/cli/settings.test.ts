import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../storage/types.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
const file = (): Config => JSON.parse(readFileSync(join(cli.home, "config.json"), "utf8")) as Config;
const addLan = (): Promise<unknown> =>
  cli.json("provider", "add", "lan", "--protocol", "ollama", "--base-url", "http://127.0.0.1:9");

beforeEach(() => {
  cli = createTestCli();
});
afterEach(() => cli.remove());

describe("provider", () => {
  it("add, list, show, edit, remove", async () => {
    cli.env["A_KEY"] = "value-of-a-key";
    cli.stdin = "sk-0123456789abcdefWXYZ";
    const added = await cli.run(
      "provider",
      "add",
      "or",
      "--protocol",
      "openai",
      "--base-url",
      "https://u:pass1234@or.example/v1",
      "--key",
      "env:A_KEY",
      "--key",
      "-",
      "--header",
      "x-title=mine",
      "--param",
      'provider={"sort":"price"}',
      "--model",
      "a,b",
      "--model",
      "c",
    );
    expect(added).toMatchObject({ code: 0, out: "" });
    expect(file().providers["or"]).toEqual({
      protocol: "openai",
      baseUrl: "https://u:pass1234@or.example/v1",
      keys: ["env:A_KEY", "sk-0123456789abcdefWXYZ"],
      headers: { "x-title": "mine" },
      params: { provider: { sort: "price" } },
      models: ["a", "b", "c"],
    });

    const edited = await cli.run(
      "provider",
      "edit",
      "or",
      "--no-enabled",
      "--key",
      "env:MISSING",
      "--unset",
      "params,models",
    );
    expect(edited.code).toBe(0);
    expect(file().providers["or"]).toEqual({
      protocol: "openai",
      baseUrl: "https://u:pass1234@or.example/v1",
      keys: ["env:MISSING"],
      headers: { "x-title": "mine" },
      enabled: false,
    });
    const list = await cli.run("provider", "list");
    expect(list.out).toMatch(/^PROVIDER .*\nor +openai +off +1 \(not set: env:MISSING\) +https:\/\/\S+\n$/);
    expect((await cli.json<unknown[]>("provider", "list"))[0]).toMatchObject({
      id: "or",
      missingKeys: ["env:MISSING"],
    });

    expect((await cli.run("provider", "remove", "or")).code).toBe(0);
    expect(Object.keys(file().providers)).toEqual([]);
  });

  it("shows no secret anywhere", async () => {
    const secrets = ["sk-0123456789abcdefWXYZ", "pass1234", "tok-secret", "p-secret", "q-secret"];
    cli.stdin = "sk-0123456789abcdefWXYZ";
    const withHeader = (): ReturnType<TestCli["run"]> => {
      cli.stdin = "tok-secret";
      return cli.run("provider", "edit", "or", "--header", "Authorization=-");
    };
    const outputs = [
      await cli.run(
        "provider",
        "add",
        "or",
        "--protocol",
        "openai",
        "--base-url",
        "https://u:pass1234@or.example/v1?key=q-secret",
        "--key",
        "-",
        "--param",
        'x={"api_key":"p-secret"}',
        "--json",
      ),
      await withHeader(),
      await cli.run("provider", "list"),
      await cli.run("provider", "list", "--json"),
      await cli.run("provider", "show", "or"),
      await cli.run("provider", "show", "or", "--json"),
      await cli.run("provider", "edit", "or", "--enabled", "--json"),
    ];
    for (const { code, out, err } of outputs) {
      expect(code).toBe(0);
      for (const secret of secrets) expect(out + err).not.toContain(secret);
    }
    expect(outputs[4]?.out).toContain("****WXYZ");
  });

  it("takes a key from standard input", async () => {
    cli.stdin = "sk-from-stdin\n";
    await cli.run(
      "provider",
      "add",
      "p",
      "--protocol",
      "claude",
      "--base-url",
      "https://x.example",
      "--key",
      "-",
    );
    expect(file().providers["p"]?.keys).toEqual(["sk-from-stdin"]);
  });

  it("keeps targets in view when it is removed", async () => {
    await addLan();
    await cli.run("provider", "add", "b", "--protocol", "ollama", "--base-url", "http://127.0.0.1:8");
    await cli.run("model", "add", "x", "lan/a", "b/a");
    await cli.run("model", "add", "y", "lan/a");
    const refused = await cli.run("provider", "remove", "lan");
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain("default@x, default@y still lead to");
    expect((await cli.run("provider", "remove", "lan", "--force")).code).toBe(0);
    expect(file().groups["default"]?.models).toEqual({ x: ["b/a"] });
  });

  it.each([
    [["add", "x", "--protocol", "openapi", "--base-url", "http://x"], 2, "did you mean openai?"],
    [["add", "x", "--protocol", "openai"], 2, "--base-url is missing"],
    [
      ["add", "x", "--protocol", "openai", "--base-url", "nowhere"],
      4,
      "/providers/x/baseUrl: expected a URL",
    ],
    [["add", "a/b", "--protocol", "openai", "--base-url", "http://x"], 4, 'no "/"'],
    [["add", "lan", "--protocol", "openai", "--base-url", "http://x"], 1, "there already is a provider"],
    [["show", "lam"], 1, 'did you mean "lan"?'],
    [["edit", "lan", "--unset", "protocol"], 2, "expected one of keys, headers"],
    [["edit", "none", "--enabled"], 1, 'there is no provider "none"'],
    [["remove"], 2, "<id> is missing"],
    [["list", "extra"], 2, 'unexpected "extra"'],
  ])("%j fails with %i", async (argv, code, words) => {
    await addLan();
    const before = readFileSync(join(cli.home, "config.json"), "utf8");
    const result = await cli.run("provider", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
    expect(readFileSync(join(cli.home, "config.json"), "utf8")).toBe(before);
  });
});

describe("group", () => {
  it("add, list, show, edit, remove", async () => {
    const added = await cli.run(
      "group",
      "add",
      "work",
      "--tools",
      "compat",
      "--temperature-ratio",
      "0.7",
      "--prompt-text",
      "- Be brief.",
      "--prompt-model",
      "claude-*",
      "--tool-filter",
      "WebFetch,WebSearch",
      "--tool-filter",
      "X",
    );
    expect(added.code).toBe(0);
    expect(file().groups["work"]).toEqual({
      models: {},
      tools: "compat",
      toolFilter: ["WebFetch", "WebSearch", "X"],
      temperatureRatio: 0.7,
      prompt: { mode: "enhance", text: "- Be brief.", models: ["claude-*"] },
    });
    await cli.json(
      "group",
      "edit",
      "WORK",
      "--prompt-mode",
      "replace",
      "--prompt-position",
      "user",
      "--unset",
      "toolFilter",
    );
    expect(await cli.json("group", "show", "work")).toEqual({
      name: "work",
      models: {},
      tools: "compat",
      temperatureRatio: 0.7,
      prompt: { mode: "replace", text: "- Be brief.", models: ["claude-*"], position: "user" },
    });
    expect((await cli.run("group", "list")).out).toMatch(
      /^GROUP +TOOLS +PROMPT +ALIASES\nwork +compat +replace\n$/,
    );
    expect((await cli.run("group", "remove", "work")).code).toBe(0);
    expect(file().groups).toEqual({});
  });

  it("sets compat mode up, setting by setting", async () => {
    await cli.run("group", "add", "work", "--compat-dialect", "glm", "--compat-prompt", "Tools: {tools}");
    await cli.run("group", "edit", "work", "--compat-strict", "--compat-reasks", "2");
    expect(file().groups["work"]?.compat).toEqual({
      dialect: "glm",
      prompt: "Tools: {tools}",
      strict: true,
      reasks: 2,
    });
    await cli.run("group", "edit", "work", "--no-compat-strict", "--unset", "tools");
    expect(file().groups["work"]?.compat).toMatchObject({ strict: false });
    await cli.run("group", "edit", "work", "--unset", "compat");
    expect(file().groups["work"]).toEqual({ models: {} });
  });

  it.each([
    [["add", "x", "--compat-reasks", "3"], 4, "/groups/x/compat/reasks"],
    [["add", "x", "--compat-reasks", "often"], 2, "--compat-reasks: expected a number"],
    [["add", "x", "--compat-dialect", "hermess"], 4, "expected one of hermes"],
    [["add", "x", "--compat-prompt", "no place"], 4, "expected {tools}"],
    [["add", "compat"], 4, "a word of the paths themselves"],
    [["add", "work"], 1, "there already is a group"],
    [["add", "x", "--tools", "on"], 2, "expected one of auto, native, compat"],
    [["add", "x", "--temperature-ratio", "hot"], 2, 'expected a number, got "hot"'],
    [["add", "x", "--tols", "auto"], 2, "unknown flag --tols\n  next: did you mean --tools?"],
    [["show", "wrok"], 1, 'did you mean "work"?'],
    [["edit", "work", "--tools"], 2, "--tools needs a value"],
    [["edit", "work", "--tools", "auto", "--tools", "native"], 2, "--tools was given 2 times"],
    [["remove", "work"], 1, "is the active group"],
  ])("%j fails with %i", async (argv, code, words) => {
    await cli.run("group", "add", "work");
    await cli.run("use", "work");
    const result = await cli.run("group", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
  });

  it("stays while a key is made for it", async () => {
    await cli.run("group", "add", "work");
    await cli.run("key", "add", "ci", "--group", "work");
    expect(await cli.run("group", "remove", "work")).toMatchObject({
      code: 1,
      err: expect.stringContaining('the key "ci"') as string,
    });
  });
});

describe("model", () => {
  it("add, list, show, edit, remove", async () => {
    await addLan();
    await cli.run("group", "add", "qwen");
    await cli.json(
      "model",
      "add",
      "claude-*",
      "lan/a:30b",
      "lan/b",
      "--group",
      "qwen",
      "--weight",
      "2",
      "--tools",
      "compat",
    );
    await cli.json("model", "add", "*", "lan/*");
    expect(file().groups["default"]?.models).toEqual({ "*": ["lan/*"] });
    await cli.json(
      "model",
      "edit",
      "claude-*",
      "--group",
      "qwen",
      "--only",
      "lan/b",
      "--weight",
      "5",
      "--no-enabled",
    );
    expect(await cli.json("model", "show", "CLAUDE-*", "--group", "QWEN")).toEqual({
      group: "qwen",
      alias: "claude-*",
      targets: [
        { target: "lan/a:30b", weight: 2, tools: "compat" },
        { target: "lan/b", weight: 5, tools: "compat", enabled: false },
      ],
    });
    expect((await cli.run("model", "list")).out).toContain(
      "qwen     claude-*  lan/a:30b (weight 2, tools compat), lan/b (weight 5, tools compat, off)\n",
    );
    await cli.json("model", "edit", "claude-*", "lan/c", "lan/a:30b", "--group", "qwen");
    expect(file().groups["qwen"]?.models["claude-*"]).toEqual([
      "lan/c",
      { target: "lan/a:30b", weight: 2, tools: "compat" },
    ]);
    await cli.json("model", "remove", "claude-*", "lan/a:30b", "--group", "qwen");
    expect(file().groups["qwen"]?.models).toEqual({ "claude-*": ["lan/c"] });
    await cli.json("model", "remove", "claude-*", "--group", "qwen");
    expect(file().groups["qwen"]?.models).toEqual({});
  });

  it.each([
    [["add", "x"], 2, "<target> is missing"],
    [["add", "x", "qwen"], 2, "expected provider/model"],
    [["add", "x", "lam/a"], 4, 'did you mean "lan"?'],
    [["add", "x", "lan/a", "--group", "nowhere"], 1, 'there is no group "nowhere"'],
    [["add", "x", "lan/a", "--weight", "-1"], 4, "expected a number greater than 0, got -1"],
    [["add", "here", "lan/a"], 1, "there already is a model"],
    [["show", "hree"], 1, 'did you mean "here"?'],
    [["edit", "here", "--only", "lan/z"], 1, 'there is no target "lan/z"'],
    [["remove", "nothing"], 1, 'there is no model "nothing"'],
    [["list", "--group", "x"], 1, 'there is no group "x"'],
  ])("%j fails with %i", async (argv, code, words) => {
    await addLan();
    await cli.run("model", "add", "here", "lan/a");
    const result = await cli.run("model", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
  });
});

describe("key", () => {
  it("add, list, show, edit, remove; the secret is shown once, the hash never", async () => {
    await cli.run("group", "add", "work");
    const added = await cli.run("key", "add", "laptop", "--group", "work", "--expires", "30d");
    expect(added.out).toMatch(/^ccp_[0-9a-f]{8}_[0-9A-Za-z]{49}\n$/);
    expect(added.err).toContain("from now on every caller needs a key");
    const [id = "", key] = Object.entries(file().keys)[0] ?? [];
    expect(Date.parse(key?.expiresAt ?? "") - Date.now()).toBeGreaterThan(29 * 86_400_000);
    await cli.json("key", "edit", "laptop", "--name", "desk", "--no-enabled", "--unset", "groups,expiresAt");
    const outputs = [
      await cli.run("key", "list"),
      await cli.run("key", "list", "--json"),
      await cli.run("key", "show", "desk"),
      await cli.run("key", "show", id, "--json"),
    ];
    for (const { code, out, err } of outputs) {
      expect(code).toBe(0);
      expect(out).toContain("desk");
      expect(out + err).not.toContain(key?.hash);
      expect(out + err).not.toContain(added.out.trim().slice(13));
    }
    expect(outputs[0]?.out).toMatch(/^KEY .*\nk_[0-9a-f]{8} +desk +off +all +all +never\n$/);
    expect((await cli.run("key", "remove", "desk")).err).toContain("no key is left");
    expect(file().keys).toEqual({});
  });

  it.each([
    [["add"], 2, "<name> is missing"],
    [["add", "x", "--expires", "soon"], 2, "expected an ISO date or a span"],
    [["add", "x", "--group", "nowhere"], 1, 'there is no group "nowhere"'],
    [["show", "latop"], 1, 'did you mean "laptop"?'],
    [["edit", "k_00000000", "--enabled"], 1, "there is no key"],
    [["remove", "twin"], 1, 'several keys are named "twin"'],
    [["list", "--all"], 2, "unknown flag --all"],
  ])("%j fails with %i", async (argv, code, words) => {
    for (const name of ["laptop", "twin", "twin"]) await cli.run("key", "add", name);
    const result = await cli.run("key", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
  });
});

describe("use", () => {
  it("makes a group active", async () => {
    await cli.run("group", "add", "work");
    expect(await cli.json("use", "Work")).toEqual({ activeGroup: "work" });
    expect(file().activeGroup).toBe("work");
    expect((await cli.run("use", "default")).code).toBe(0);
    expect(file().activeGroup).toBe("default");
    expect(await cli.run("use", "wark")).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean "work"?') as string,
    });
  });
});

describe("config", () => {
  it("path, and its precedence", async () => {
    expect((await cli.run("config", "path")).out).toBe(`${join(cli.home, "config.json")}\n`);
    cli.env["CCPROXY_CONFIG"] = "~/other.json";
    expect((await cli.run("config", "path")).out).toBe(`${join(cli.home, "..", "other.json")}\n`);
    expect((await cli.run("config", "path", "--config", "/a/b.json")).out).toBe("/a/b.json\n");
    expect(await cli.run("config", "path", "--where")).toMatchObject({ code: 2 });
    delete cli.env["CCPROXY_HOME"];
    delete cli.env["CCPROXY_CONFIG"];
    expect((await cli.run("config", "path")).out).toBe(
      `${join(cli.home, "..", ".ccproxy", "config.json")}\n`,
    );
  });

  it("schema prints a schema", async () => {
    expect(await cli.json("config", "schema")).toHaveProperty(
      "properties.server.properties.port.default",
      11434,
    );
    expect(await cli.run("config", "schema", "x")).toMatchObject({ code: 2 });
  });

  it("validate says everything, with line and pointer", async () => {
    expect(await cli.run("config", "validate")).toMatchObject({
      code: 0,
      err: expect.stringContaining("does not exist") as string,
    });
    mkdirSync(cli.home);
    const path = join(cli.home, "config.json");
    writeFileSync(
      path,
      '{\n "server": {"prot": 1},\n "groups": {\n "api": {"models": {}},\n "b": {"models": {"x": "y"}}}}',
    );
    const refused = await cli.run("config", "validate");
    expect(refused.code).toBe(4);
    expect(refused.out.split("\n")).toEqual([
      expect.stringMatching(`^${path}:4:9: /groups/api: `),
      expect.stringMatching(`^${path}:5:24: /groups/b/models/x: `),
      "",
    ]);
    expect(refused.err).toContain(`${path}:2:21: /server/prot: unknown field, ignored; did you mean "port"?`);
    const json = await cli.run("config", "validate", "--json");
    expect(JSON.parse(json.out)).toMatchObject({
      valid: false,
      problems: [{ pointer: "/groups/api", line: 4 }, {}],
      warnings: [{}],
    });
    expect(await cli.run("config", "validate", "/does/not/exist")).toMatchObject({ code: 1 });
    writeFileSync(path, "{}");
    expect(await cli.json("config", "validate")).toMatchObject({ valid: true });
  });

  it("a wrong file without a good copy is refused with exit 4 by what needs it", async () => {
    mkdirSync(cli.home);
    writeFileSync(join(cli.home, "config.json"), '{"server": 1}');
    const refused = await cli.run("provider", "list");
    expect(refused).toMatchObject({
      code: 4,
      out: "",
      err: expect.stringContaining("/server: expected an object, got 1 (line 1)") as string,
    });
    const json = await cli.run("provider", "list", "--json");
    expect(JSON.parse(json.err)).toMatchObject({ error: { exitCode: 4 } });
  });

  it("with a good copy goes on, and says so", async () => {
    await addLan();
    writeFileSync(join(cli.home, "config.json"), '{"providers": {');
    const list = await cli.run("provider", "list");
    expect(list.code).toBe(0);
    expect(list.out).toContain("lan");
    expect(list.err).toContain("warning: ");
    expect(await cli.run("group", "add", "x")).toMatchObject({
      code: 4,
      err: expect.stringContaining("must be mended first") as string,
    });
  });
});
