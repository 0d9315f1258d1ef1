import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../cli/commands.ts";
import type { Entry } from "../../cli/entry.ts";
import { CliError, ERRORS, EXIT } from "../../cli/exit-code.ts";
import { createInvocation } from "../../cli/invocation.ts";
import { findCommand } from "./check-output.ts";
import { findCommandLines } from "./shell-words.ts";
import { createTestCli, type Result, type TestCli } from "./test-io.ts";

/** What holds for every command there is, those that help does not show included. */
const leaves = (table: Record<string, Entry>, path: string[] = []): string[][] =>
  Object.entries(table).flatMap(([name, entry]) =>
    entry.children ? leaves(entry.children, [...path, name]) : [[...path, name]],
  );
const LEAVES = leaves(commands).map((path) => ({ name: path.join(" "), path }));

const CONFIG = {
  providers: {
    lan: { protocol: "ollama", baseUrl: "http://127.0.0.1:9" },
    openrouter: { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1", keys: ["env:OPENROUTER_API_KEY"] },
  },
  groups: {
    default: { models: { "claude-sonnet-*": ["openrouter/qwen/qwen3-coder"], small: "lan/gemma3:4b" } },
    qwen: { models: { "claude-sonnet-*": ["openrouter/qwen/qwen3-coder", "lan/qwen3-coder:30b"] } },
  },
  activeGroup: "qwen",
};

let cli: TestCli;
let asked: string[];
beforeEach(() => {
  asked = [];
  cli = createTestCli({
    // Whoever waits for a signal gets one at once.
    onSignal: (handler) => {
      const timer = setTimeout(() => handler("SIGTERM"), 20);
      return () => clearTimeout(timer);
    },
    startServer: async () => ({ url: "http://127.0.0.1:1", close: async () => undefined }),
  });
  // No program of this machine is started.
  cli.env["PATH"] = join(cli.home, "no-programs");
  cli.stdin = "sk-test\n";
  mkdirSync(cli.home, { recursive: true });
  writeFileSync(join(cli.home, "config.json"), JSON.stringify(CONFIG));
});
afterEach(async () => {
  await cli.run("stop", "--force", "--timeout", "0");
  cli.remove();
});

/** No colours, no question, and a failure that helps. */
function checkManners(argv: string[], { code, out, err }: Result): void {
  expect({ argv, ansi: (out + err).includes("\u001B"), asked }).toEqual({ argv, ansi: false, asked: [] });
  expect(Object.values<number>(EXIT)).toContain(code);
  if (code === EXIT.ok) return;
  if (argv.includes("--json")) {
    const [failure] = err.split("\n").flatMap((line) => (line.startsWith('{"error"') ? [line] : []));
    expect(JSON.parse(failure ?? "{}"), `${argv.join(" ")}: ${err}`).toEqual({
      error: {
        code: expect.stringMatching(/^[a-z-]+$/) as string,
        message: expect.stringMatching(/\S/) as string,
        next: expect.stringMatching(/\S/) as string,
        docs: expect.stringMatching(/^docs\/cli\.md#[a-z-]+$/) as string,
        exitCode: code,
      },
    });
  } else {
    expect(err, argv.join(" ")).toMatch(
      /^ccproxy: \S.*\n(?:.*\n)*? {2}next: \S.*\n {2}code: [a-z-]+ \(docs\/cli\.md#[a-z-]+\)\n$/m,
    );
  }
}

describe.each(LEAVES)("$name", ({ path }) => {
  it("shows examples that run as they stand: no hang, no question, no colours, no wrong usage", async () => {
    const found = await findCommand(path);
    const examples = found?.command.examples ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const lines = findCommandLines(example);
      expect(lines.length, example).toBeGreaterThan(0);
      for (const argv of lines) {
        const result = await cli.run(...argv);
        checkManners(argv, result);
        expect({ example, code: result.code, err: result.err }).not.toMatchObject({ code: EXIT.usage });
      }
    }
  });

  it("without words, with all of the common flags, from a pipe", async () => {
    cli.io.readLine = async (question) => {
      asked.push(question);
      return "y";
    };
    for (const flags of [[], ["--json"], ["--quiet", "--no-input"], ["--json", "--yes"]]) {
      const argv = [...path, ...flags];
      if (!flags.includes("--no-input") && !flags.includes("--json")) cli.io.readLine = undefined;
      checkManners(argv, await cli.run(...argv));
    }
  });
});

describe("errors", () => {
  const sources = readdirSync(new URL("../../cli", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(`../../cli/${name}`, import.meta.url), "utf8"));

  it.each(Object.keys(ERRORS) as (keyof typeof ERRORS)[])("%s is thrown somewhere", (code) => {
    expect(sources.some((source) => source.includes(`"${code}"`))).toBe(true);
    expect(new CliError(code, "a", "b").docs).toBe(`docs/cli.md#${code}`);
    expect(Object.values(EXIT)).toContain(ERRORS[code].exit);
  });

  it("none is thrown without a code and a next step", () => {
    for (const source of sources) expect(source).not.toMatch(/throw new (?:Type|Range)?Error\(/);
    for (const [call] of sources.join("\n").matchAll(/new CliError\(\s*"[^"]*",[^;]*;/g))
      expect(call).not.toMatch(/,\s*""\s*,?\s*\)/);
  });

  it("of the system, and those nobody foresaw, have a code and a next step", async () => {
    for (const code of ["EADDRINUSE", "CONFIG_REFUSED", "EACCES", "ENOSPC", "ENOENT", "EISDIR", "whatever"]) {
      cli.io.startServer = async () => {
        throw Object.assign(new Error("something broke"), { code });
      };
      checkManners(["serve"], await cli.run("serve"));
      checkManners(["serve", "--json"], await cli.run("serve", "--json"));
    }
  });
});

describe("common flags", () => {
  it("may come before the command", async () => {
    expect(await cli.run("--json", "-q", "provider", "list")).toEqual(
      await cli.run("provider", "list", "--json", "-q"),
    );
  });

  it("--quiet silences talk, and neither data nor errors", async () => {
    expect(await cli.run("use", "default", "--quiet")).toEqual({ code: 0, out: "", err: "" });
    expect((await cli.run("provider", "list", "-q")).out).toContain("openrouter");
    expect((await cli.run("use", "nowhere", "-q")).err).toContain("there is no group");
  });

  const invocation = (...flags: string[]) =>
    createInvocation(cli.io, { list: () => undefined, words: [], has: (flag) => flags.includes(flag) });

  it("a question is asked of a person only; --yes answers it beforehand", async () => {
    await expect(invocation().confirm("Sure?")).rejects.toMatchObject({ code: "needs-answer" });
    await invocation("yes").confirm("Sure?");
    let answer = "y";
    cli.io.readLine = async (question) => {
      asked.push(question);
      return answer;
    };
    for (const flag of ["no-input", "json"])
      await expect(invocation(flag).confirm("Sure?")).rejects.toMatchObject({ code: "needs-answer" });
    expect(asked).toEqual([]);
    await invocation().confirm("Sure?");
    answer = "";
    await expect(invocation().confirm("Sure?")).rejects.toMatchObject({ code: "declined" });
    expect(asked).toEqual(["Sure? [y/N] ", "Sure? [y/N] "]);
  });
});

describe("secrets", () => {
  it.each([
    [
      "provider",
      "add",
      "p",
      "--protocol",
      "openai",
      "--base-url",
      "http://127.0.0.1:9",
      "--key",
      "sk-literal",
    ],
    ["provider", "edit", "lan", "--key", "env:A", "--key", "sk-literal"],
    ["provider", "edit", "lan", "--header", "authorization=sk-literal"],
    ["env", "--key", "sk-literal"],
  ])("%j is refused, with how to do it", async (...argv) => {
    const { code, err, out } = await cli.run(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/next: give env:NAME, file:PATH, or - and the secret on standard input/);
    expect(err).not.toContain("sk-literal");
    expect(readFileSync(join(cli.home, "config.json"), "utf8")).not.toContain("sk-literal");
  });

  it("come from standard input, a header's as well", async () => {
    cli.stdin = "sk-from-stdin\n";
    expect(await cli.run("provider", "edit", "lan", "--header", "authorization=-")).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(cli.home, "config.json"), "utf8")).toContain("sk-from-stdin");
    cli.stdin = "";
    expect(await cli.run("provider", "edit", "lan", "--key", "-")).toMatchObject({ code: 2 });
  });
});

describe("did you mean", () => {
  /** One or two letters left out, doubled, swapped or mistaken, in words of at least five letters. */
  const slip = (word: string, seed: number): string => {
    const letters = [...word];
    const at = 1 + (seed % (letters.length - 2));
    switch (seed % 4) {
      case 0:
        letters.splice(at, 1);
        break;
      case 1:
        letters.splice(at, 0, letters[at] ?? "");
        break;
      case 2:
        letters.splice(at, 2, letters[at + 1] ?? "", letters[at] ?? "");
        break;
      default:
        letters[at] = letters[at] === "q" ? "w" : "q";
    }
    return letters.join("");
  };
  const typed = (words: string[]) =>
    fc.sample(fc.record({ word: fc.constantFrom(...words), seed: fc.nat(1000) }), { seed: 7, numRuns: 20 });

  it("finds what was meant behind at least 95 of 100 slips", async () => {
    const long = (words: string[]): string[] => words.filter((word) => word.length > 4);
    const flags = (await Promise.all(LEAVES.map(({ path }) => findCommand(path)))).flatMap((found) =>
      long(
        Object.keys(found?.command.args ?? {}).filter(
          (flag) => found?.command.args[flag]?.type !== "positional",
        ),
      ).map((flag) => ({ path: found?.path ?? [], flag })),
    );
    const shown = Object.keys(commands).filter((name) => !commands[name]?.hidden);
    const corpus = [
      ...typed(long(shown)).map(({ word, seed }) => ({ argv: [slip(word, seed)], word })),
      ...typed(flags.map((_, index) => String(index))).flatMap(({ word, seed }) => {
        const { path, flag } = flags[Number(word)] ?? { path: [], flag: "" };
        return [{ argv: [...path, `--${slip(flag, seed)}`], word: `--${flag}` }];
      }),
      ...typed(["openrouter", "mistral", "anthropic"]).map(({ word, seed }) => ({
        argv: ["provider", "show", slip(word, seed)],
        word,
      })),
      ...typed(["coding", "default", "background"]).map(({ word, seed }) => ({
        argv: ["group", "show", slip(word, seed)],
        word,
      })),
      ...typed(["claude-sonnet-4-5", "gpt-5-mini", "small-one"]).map(({ word, seed }) => ({
        argv: ["model", "show", slip(word, seed)],
        word,
      })),
    ].filter(({ argv, word }) => argv.at(-1) !== word);
    const provider = { protocol: "ollama", baseUrl: "http://127.0.0.1:9" };
    const models = { "claude-sonnet-4-5": "mistral/a", "gpt-5-mini": "mistral/b", "small-one": "mistral/c" };
    writeFileSync(
      join(cli.home, "config.json"),
      JSON.stringify({
        providers: { openrouter: provider, mistral: provider, anthropic: provider },
        groups: { default: { models }, coding: { models: {} }, background: { models: {} } },
      }),
    );
    const misses: string[] = [];
    for (const { argv, word } of corpus) {
      const { code, err } = await cli.run(...argv);
      expect(code, argv.join(" ")).not.toBe(0);
      if (!/did you mean/.test(err) || !err.includes(word))
        misses.push(`${argv.join(" ")} (${word}): ${err}`);
    }
    expect(corpus.length).toBeGreaterThanOrEqual(90);
    expect(misses.length, misses.join("\n")).toBeLessThanOrEqual(Math.floor(corpus.length * 0.05));
  });
});
