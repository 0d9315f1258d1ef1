import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Note } from "../../cli/import/source.ts";
import { readConfig } from "../../storage/read-config.ts";
import type { Config } from "../../storage/types.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

const root = fileURLToPath(new URL("../../fixtures/import", import.meta.url));
const FORMATS = ["ccr", "litellm", "go", "env"];
const FIXTURES = FORMATS.flatMap((format) =>
  readdirSync(join(root, format))
    .filter((name) => !name.endsWith(".expected.json"))
    .map((name) => ({ format, name, file: join(root, format, name) })),
);

interface Report {
  format: string;
  written: boolean;
  notes: Note[];
  diff: string;
}

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
  cli.env["CEREBRAS_API_KEY"] = "sk-test-cerebras";
});
afterEach(() => cli.remove());
const config = (): Config => JSON.parse(readFileSync(join(cli.home, "config.json"), "utf8")) as Config;

it("there are ten and more of each kind", () => {
  for (const format of FORMATS)
    expect(FIXTURES.filter((one) => one.format === format).length).toBeGreaterThanOrEqual(10);
});

describe.each(FIXTURES)("$format $name", ({ format, name, file }) => {
  it("is known by its content, becomes what it should, loses no field, and shows no secret", async () => {
    const dry = await cli.run("import", file, "--json", "--dry-run");
    expect(dry).toMatchObject({ code: 0 });
    expect(existsSync(join(cli.home, "config.json"))).toBe(false);
    const said = JSON.parse(dry.out) as Report;
    expect({ format: said.format, written: said.written }).toEqual({ format, written: false });
    expect(await cli.json("import", format, file, "--dry-run")).toEqual(said);

    const done = await cli.run("import", file, "--json", "--yes");
    expect(done.code).toBe(0);
    const written = existsSync(join(cli.home, "config.json")) ? config() : undefined;
    const { problems } = await readConfig(JSON.stringify(written ?? {}));
    expect(problems).toEqual([]);
    const { providers = {}, groups = {} } = written ?? {};
    // What it becomes is kept beside it.
    await expect(
      `${JSON.stringify({ providers, groups, notes: said.notes }, undefined, 2)}\n`,
    ).toMatchFileSnapshot(join(root, format, `${name.replace(/\.\w+$/, "")}.expected.json`));
    for (const key of JSON.stringify(providers).match(/sk-test[\w-]*/g) ?? [])
      expect(dry.out + dry.err + done.out + done.err).not.toContain(key);
    // A second time changes nothing.
    expect(await cli.json("import", file, "--yes")).toMatchObject({ written: false, diff: "" });
  });

  it("tells a field that nobody knows", async () => {
    const text = readFileSync(file, "utf8");
    const added =
      format === "env"
        ? `${text}\nBRAND_NEW=1\n`
        : format === "litellm"
          ? `${text}\nbrand_new: { a: [1] }\n`
          : text.replace(/\{/, '{ "brand_new": { "a": [1] },');
    const path = format === "env" ? "BRAND_NEW" : "brand_new.a[0]";
    cli.stdin = added;
    const { notes } = await cli.json<Report>("import", format, "-", "--dry-run");
    expect(notes).toContainEqual(expect.objectContaining({ path, fate: "unmapped" }));
  });
});

describe("import", () => {
  const file = join(root, "ccr", "02-all-scenarios.json");

  it("shows what it would write and asks, and leaves what is there", async () => {
    await cli.run("provider", "add", "deepseek", "--protocol", "openai", "--base-url", "http://127.0.0.1:9");
    await cli.run("model", "add", "*", "deepseek/mine");
    const before = config();
    expect(await cli.run("import", file)).toMatchObject({ code: 2 });
    expect(config()).toEqual(before);
    cli.io.readLine = async () => "n";
    expect(await cli.run("import", file)).toMatchObject({ code: 1 });
    cli.io.readLine = async () => "y";
    const { code, out, err } = await cli.run("import", file);
    expect(code).toBe(0);
    expect(out).toMatch(/^Router\.background +mapped +rule background, to ollama\/qwen/m);
    expect(out).toMatch(/^APIKEY +LOOK +clients' keys are made here/m);
    expect(out).toMatch(/^LOG_LEVEL +unmapped +has no counterpart here/m);
    expect(out).toMatch(/^providers\.deepseek +LOOK +there is one of that name/m);
    expect(out).toMatch(/\n\n--- config\.json\n\+\+\+ config\.json\n@@/);
    expect(out).toContain('+    "openrouter": {');
    expect(err).toMatch(/ccr: \d+ mapped, \d+ unmapped, \d+ to be looked at/);
    expect(config().providers["deepseek"]).toEqual(before.providers["deepseek"]);
    expect(config().groups["default"]?.models["*"]).toEqual(["deepseek/mine"]);
    expect(config().groups["default"]?.rules?.map(({ name }) => name)).toEqual([
      "image",
      "longContext",
      "background",
      "think",
    ]);
  });

  it("goes to a group of another name", async () => {
    await cli.json("import", "ccr", file, "--group", "router", "--yes");
    expect(Object.keys(config().groups)).toEqual(["router"]);
    expect(await cli.json("group", "explain", "claude-haiku-4", "--group", "router")).toMatchObject({
      rule: "background",
      candidates: [{ target: "ollama/qwen2.5-coder:latest" }],
    });
  });

  it.each([
    [["cccr", "x"], 2, 'did you mean "ccr"?'],
    [["ccr"], 2, "<file> is missing"],
    [["/does/not/exist"], 1, "no-file"],
    [["-"], 1, "looks like nothing that can be imported"],
  ])("%j fails with %d", async (argv, code, words) => {
    cli.stdin = "just a sentence";
    const result = await cli.run("import", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
  });
});

it("export prints everything, secrets masked, and can be read as configuration", async () => {
  await cli.json("import", join(root, "ccr", "02-all-scenarios.json"), "--yes");
  await cli.run("key", "add", "laptop");
  const { out } = await cli.run("export");
  expect(out).not.toContain("sk-test");
  expect(out).not.toContain(Object.values(config().keys)[0]?.hash);
  const exported = await cli.json<Config>("export");
  expect(exported.groups).toEqual(config().groups);
  expect(exported.providers["deepseek"]?.keys).toEqual(["env:DEEPSEEK_API_KEY"]);
  expect(exported.providers["openrouter"]?.keys).toEqual(["****uter"]);
});
