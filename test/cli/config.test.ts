import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
let file: string;
const read = (): string => readFileSync(file, "utf8");
const START = {
  server: { port: 5000 },
  providers: {
    lan: { protocol: "ollama", baseUrl: "http://127.0.0.1:9" },
    open: { protocol: "openai", baseUrl: "http://127.0.0.1:9", keys: ["sk-literal-secret-WXYZ"] },
  },
  groups: { work: { models: { "claude-3.5": ["lan/a", "open/b"], small: "lan/c" } } },
};

beforeEach(async () => {
  cli = createTestCli();
  file = join(cli.home, "config.json");
  mkdirSync(cli.home, { recursive: true });
  writeFileSync(file, `${JSON.stringify(START, undefined, 4)}\n`);
  await cli.run("group", "list");
});
afterEach(() => cli.remove());

describe("config get", () => {
  it.each([
    ["server.port", "5000"],
    ["server.host", "127.0.0.1"],
    ["groups.work.models.claude-3.5", '[\n  "lan/a",\n  "open/b"\n]'],
    ['groups.work.models["claude-3.5"][1]', "open/b"],
    ["groups.work.models.claude-3.5.0", "lan/a"],
    ["/groups/work/models/claude-3.5/0", "lan/a"],
    ["activeGroup", "default"],
    ["providers.open.keys", '[\n  "****WXYZ"\n]'],
  ])("%s", async (path, value) => {
    expect(await cli.run("config", "get", path)).toEqual({ code: 0, out: `${value}\n`, err: "" });
  });

  it("shows no secret, and says how far a path leads", async () => {
    const { out } = await cli.run("config", "get", "--json");
    expect(out).not.toContain("sk-literal");
    expect(await cli.run("config", "get", "groups.wrok.models")).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean "groups.work"?') as string,
    });
  });
});

describe("config set and unset", () => {
  it.each([
    [["server.port", "8080"], "/server/port", 8080],
    [["server.ollamaOpen", "false"], "/server/ollamaOpen", false],
    [["server.host", "0"], "/server/host", "0"],
    [
      ["server.origins", "https://a.example,https://b.example"],
      "/server/origins",
      ["https://a.example", "https://b.example"],
    ],
    [["groups.work.strategy", "priority"], "/groups/work/strategy", "priority"],
    [["groups.work.temperatureRatio", "0.7"], "/groups/work/temperatureRatio", 0.7],
    [["groups.work.models.small", "open/1"], "/groups/work/models/small", "open/1"],
    [["groups.work.models.small", '["lan/a","open/b"]'], "/groups/work/models/small", ["lan/a", "open/b"]],
    [
      ["groups.work.models.claude-3.5.-", "lan/z"],
      "/groups/work/models/claude-3.5",
      ["lan/a", "open/b", "lan/z"],
    ],
    [['groups.work.models["gpt-5.1"]', "lan/a"], "/groups/work/models/gpt-5.1", "lan/a"],
    [["/groups/work/models/a~1b", "lan/a"], "/groups/work/models/a~1b", "lan/a"],
    [["/providers/lan/timeouts", '{"idle":5}'], "/providers/lan/timeouts", { idle: 5 }],
    [["providers.lan.timeouts.idle", "7"], "/providers/lan/timeouts", { idle: 7 }],
    [["providers.open.keys", "env:A,env:B"], "/providers/open/keys", ["env:A", "env:B"]],
  ])("%j", async ([path = "", value = ""], pointer, expected) => {
    expect(await cli.json("config", "set", path, value)).toMatchObject({ path });
    let found: unknown = JSON.parse(read());
    for (const part of pointer.slice(1).split("/"))
      found = (found as Record<string, unknown>)[part.replaceAll("~1", "/")];
    expect(found).toEqual(expected);
    // In the file's own indentation, with everything else where it was.
    expect(read()).toMatch(/^\{\n {4}"server": \{\n {8}"\w/);
    expect(await cli.run("config", "validate")).toMatchObject({ code: 0 });
  });

  it("takes secrets from standard input only", async () => {
    const before = read();
    for (const path of [
      "providers.open.keys",
      "providers.open.keys.0",
      "providers.lan.headers.authorization",
    ]) {
      const { code, err } = await cli.run("config", "set", path, "sk-on-the-command-line");
      expect({ code, read: read() }).toEqual({ code: 2, read: before });
      expect(err).toContain("literal-secret");
      cli.stdin = "sk-from-stdin\n";
      expect(await cli.run("config", "set", path, "-", "--json")).toMatchObject({ code: 0 });
      expect(read()).toContain("sk-from-stdin");
      writeFileSync(file, before);
    }
  });

  it.each([
    [["set", "server.port", "many"], 4, "/server/port"],
    [["set", "activeGroup", "wrok"], 4, 'did you mean "work"?'],
    [["set", "server.port.x", "1"], 2, "is no object"],
    [["set", "groups.work.models.claude-3.5.7", "lan/a"], 2, "no place in a list of 2"],
    [["set", "__proto__.x", "1"], 4, "cannot be used as a name"],
    [["unset", "groups.work.stategy"], 1, "not-found"],
    [["unset", "providers.lan"], 4, 'there is no provider "lan"'],
  ])("%j is refused with %d and changes nothing", async (argv, code, words) => {
    const before = read();
    const result = await cli.run("config", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
    expect(read()).toBe(before);
  });

  it("unset takes away what is there, a list's entry as well", async () => {
    await cli.json("config", "unset", "groups.work.models.claude-3.5.0");
    await cli.json("config", "unset", "server.port");
    expect(JSON.parse(read())).toMatchObject({ groups: { work: { models: { "claude-3.5": ["open/b"] } } } });
    expect((await cli.run("config", "get", "server.port")).out).toBe("11434\n");
  });
});

describe("config validate", () => {
  it("says everything that is wrong, with place and advice", async () => {
    writeFileSync(file, '{\n  "server": { "port": "x", "hots": [] },\n  "activeGroup": "nowhere"\n}');
    const { code, out, err } = await cli.run("config", "validate");
    expect(code).toBe(4);
    expect(out.split("\n").slice(0, 2)).toEqual([
      `${file}:2:23: /server/port: expected a whole number, got "x"`,
      `${file}:3:18: /activeGroup: there is no group "nowhere"`,
    ]);
    expect(err).toContain(
      `warning: ${file}:2:36: /server/hots: unknown field, ignored; did you mean "host"?`,
    );
  });
});

describe("config diff and rollback", () => {
  it("go back through the versions that served, each kept as it was", async () => {
    for (const port of ["1001", "1002", "1003"]) await cli.run("config", "set", "server.port", port);
    const versions = await cli.json<{ version: string; path: string }[]>("config", "diff", "--list");
    expect(versions).toHaveLength(3);
    for (const { path } of versions) expect(statSync(path).mode & 0o777).toBe(0o600);
    const { out } = await cli.run("config", "diff");
    expect(out).toContain('-    "port": 1002\n+    "port": 1003\n');
    expect((await cli.run("config", "diff", "3")).out).toContain('-    "port": 5000\n+    "port": 1003\n');
    expect((await cli.run("config", "diff")).out).not.toContain("sk-literal");

    // Nobody is there to agree.
    expect(await cli.run("config", "rollback", "3")).toMatchObject({
      code: 2,
      err: expect.stringContaining("needs-answer") as string,
    });
    expect(await cli.run("config", "rollback", "3", "--yes")).toMatchObject({ code: 0 });
    expect(read()).toBe(`${JSON.stringify(START, undefined, 4)}\n`);
    expect((await cli.run("config", "diff")).out).toContain('-    "port": 1003\n+    "port": 5000\n');
    expect(await cli.run("config", "rollback", "9")).toMatchObject({ code: 1 });
  });

  it("diff shows an edit that is not in force yet; rollback mends a broken file", async () => {
    await cli.run("config", "set", "server.port", "1001");
    writeFileSync(file, read().replace("1001", "1002").replace('"server"', '"sever"'));
    const copy = readFileSync(`${file}.bak`, "utf8");
    expect((await cli.run("config", "diff")).out).toContain(
      '-  "server": {\n-    "port": 1001\n+  "sever": {\n',
    );
    writeFileSync(file, "{ broken");
    expect(await cli.run("config", "diff")).toMatchObject({ code: 4 });
    expect(await cli.run("config", "rollback", "--yes")).toMatchObject({ code: 0 });
    expect(JSON.parse(read())).toMatchObject({ server: { port: 5000 } });
    expect(copy).toContain("1001");
  });

  it("keeps ten", async () => {
    for (let port = 1; port <= 14; port++) await cli.run("config", "set", "server.port", String(port));
    expect(readdirSync(cli.home).filter((name) => name.startsWith("config.json.bak-"))).toHaveLength(10);
  });
});

describe("config edit", () => {
  const edits = (...texts: (string | ((before: string) => string))[]): void => {
    cli.io.runEditor = async (path) => {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const next = texts.shift() ?? "{}";
      writeFileSync(path, typeof next === "string" ? next : next(readFileSync(path, "utf8")));
    };
  };

  it("takes what can be used, as it was written", async () => {
    edits((before) => before.replace("5000", "6000").replace("{\n", "{\n\n"));
    expect(await cli.json("config", "edit")).toMatchObject({ changed: true });
    expect(read()).toBe(
      `${JSON.stringify(START, undefined, 4).replace("5000", "6000").replace("{\n", "{\n\n")}\n`,
    );
    expect(readdirSync(cli.home).filter((name) => name.includes("edit"))).toEqual([]);
    edits((before) => before);
    expect(await cli.json("config", "edit")).toMatchObject({ changed: false });
  });

  it("opens what cannot be used again, with what is wrong", async () => {
    cli.io.readLine = async () => "y";
    edits("{ nonsense", (before) => before.replace("{ nonsense", '{"server":{"port":7000}}'));
    const { code, err } = await cli.run("config", "edit");
    expect(code).toBe(0);
    expect(err).toMatch(/config\.json\.edit\.json:1:3: not valid JSON/);
    expect(JSON.parse(read())).toEqual({ server: { port: 7000 } });
  });

  it("throws away what its author gives up, and never writes over somebody else's edit", async () => {
    const before = read();
    cli.io.readLine = async () => "n";
    edits("{ nonsense");
    expect(await cli.run("config", "edit")).toMatchObject({ code: 1 });
    edits("{ nonsense", "{ nonsense");
    expect(await cli.run("config", "edit", "--yes")).toMatchObject({ code: 4 });
    expect(read()).toBe(before);
    edits((text) => {
      writeFileSync(file, "{}");
      return text.replace("5000", "6000");
    });
    expect(await cli.run("config", "edit")).toMatchObject({ code: 4 });
    expect(read()).toBe("{}");
    cli.io.runEditor = undefined;
    expect(await cli.run("config", "edit")).toMatchObject({ code: 1 });
  });
});
