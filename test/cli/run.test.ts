import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../cli/commands.ts";
import type { Entry } from "../../cli/entry.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(() => cli.remove());

const leaves = (table: Record<string, Entry>, path: string[] = []): string[][] =>
  Object.entries(table).flatMap(([name, entry]) =>
    entry.children ? leaves(entry.children, [...path, name]) : [[...path, name]],
  );

describe("help", () => {
  it.each(leaves(commands))("%s %s explains itself", async (...path) => {
    const words = path.filter((word) => typeof word === "string");
    const { code, out, err } = await cli.run(...words, "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`  ccproxy ${words.join(" ")}`);
    expect(out).toMatch(/Examples:\n  \S/);
    expect(out).toContain("--json");
    expect(out).not.toContain("\u001B");
    // Every flag and word says what it is for.
    for (const line of out.split("\n").filter((row) => /^ {2}-/.test(row)))
      expect(line).toMatch(/^ {2}.{4,}? {2,}\S/);
    expect(await cli.run(...words, "-h")).toMatchObject({ code: 0, out });
    expect((await cli.run(...words, "--no-such-flag")).code).toBe(2);
  });

  it("shows the commands", async () => {
    for (const argv of [["--help"], ["-h"], ["help"]]) {
      const { code, out } = await cli.run(...argv);
      expect(code).toBe(0);
      for (const [name, { hidden }] of Object.entries(commands))
        expect(out.includes(`\n  ${name} `), name).toBe(!hidden);
    }
    expect((await cli.run("help", "provider", "add")).out).toContain("ccproxy provider add <id>");
    expect((await cli.run("help", "not-found")).out).toMatch(/Exit code 1\.\n$/);
    expect((await cli.run("provider", "--help")).out).toContain("remove");
    expect(await cli.run("provider")).toMatchObject({ code: 2, out: "" });
  });
});

describe("what does not exist", () => {
  it.each([
    [["stauts"], "did you mean 'ccproxy status'?"],
    [["provider", "lst"], "did you mean 'ccproxy provider list'?"],
    [["provider", "rm"], "did you mean 'ccproxy provider remove'?"],
    [["provders", "list"], "did you mean 'ccproxy provider'?"],
    [["xyzzy"], "'ccproxy --help' shows what there is"],
    [["constructor"], "unknown command"],
    [["--verbos"], "unknown flag --verbos"],
    [["version", "--jsn"], "did you mean --json?"],
    [["serve", "--prot", "1"], "did you mean --port?"],
    [["serve", "--port"], "--port needs a value"],
    [["serve", "--port", "--json"], "--port needs a value"],
    [["serve", "extra"], 'unexpected "extra"'],
  ])("%j is exit 2, with advice", async (argv, words) => {
    const result = await cli.run(...argv);
    expect(result).toMatchObject({ code: 2, out: "" });
    expect(result.err).toContain(words);
  });

  it("finds the command behind each typing slip of a letter left out, doubled or swapped", async () => {
    const misses: string[] = [];
    let tried = 0;
    for (const name of Object.keys(commands).filter((word) => word.length > 3 && !commands[word]?.hidden)) {
      for (let at = 1; at < name.length - 1; at++) {
        const slips = [
          name.slice(0, at) + name.slice(at + 1),
          name.slice(0, at) + name[at] + name.slice(at),
          name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
        ];
        for (const slip of slips.filter((word) => !(word in commands))) {
          const { err } = await cli.run(slip);
          tried++;
          if (!err.includes(`'ccproxy ${name}'`)) misses.push(slip);
        }
      }
    }
    // 'restre' may as well be 'restore' as 'restart'.
    expect(misses.length / tried, misses.join(" ")).toBeLessThanOrEqual(0.05);
  });
});

it("version is printed by three names", async () => {
  const { out } = await cli.run("version");
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await cli.run("--version")).out).toBe(out);
  expect((await cli.run("-v")).out).toBe(out);
  expect(await cli.json("version")).toEqual({ version: out.trim(), node: process.version });
});
