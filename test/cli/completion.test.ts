import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../cli/commands.ts";
import { SHELLS, writeCompletion } from "../../cli/write-completion.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
  mkdirSync(cli.home, { recursive: true });
  writeFileSync(
    join(cli.home, "config.json"),
    JSON.stringify({
      providers: { openrouter: {}, lan: {} },
      groups: { qwen: { models: { "claude-*": "lan/a", "qwen3:30b": "lan/b" } }, work: {} },
      keys: { k_1: { name: "laptop" } },
    }),
  );
});
afterEach(() => cli.remove());

const choices = async (...words: string[]): Promise<string[]> => {
  const { code, out } = await cli.run("__complete", "--", ...words);
  expect(code).toBe(0);
  return out
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")[0] ?? "");
};

describe("what may come next", () => {
  it.each([
    [["prov"], ["provider"]],
    [["provider", "s"], ["show"]],
    [
      ["provider", "show", ""],
      ["openrouter", "lan"],
    ],
    [["provider", "add", ""], []],
    [["group", "show", "q"], ["qwen"]],
    [
      ["use", ""],
      ["default", "qwen", "work"],
    ],
    [
      ["model", "show", ""],
      ["claude-*", "qwen3:30b"],
    ],
    [["run", "qw"], ["qwen3:30b"]],
    [["run", "x", "--group", "w"], ["work"]],
    [["model", "add", "alias", "op"], ["openrouter/"]],
    [["model", "list", "--provider", "l"], ["lan"]],
    [["key", "show", ""], ["laptop"]],
    [["group", "explain", "claude-", "--key", ""], ["laptop"]],
    [
      ["group", "edit", "qwen", "--tools", ""],
      ["auto", "native", "compat"],
    ],
    [["completion", "p"], ["powershell"]],
    [["launch", "cod"], ["codex"]],
    [["launch", "codex", "--gr"], ["--group"]],
    [["usage", "--da"], ["--days"]],
    [["nonsense", ""], []],
    [["version", "--js"], ["--json"]],
  ])("%j", async (words, expected) => {
    expect(await choices(...words)).toEqual(expected);
  });

  it("shows every command but those that are hidden, with what it is for", async () => {
    const shown = Object.keys(commands).filter((name) => !commands[name]?.hidden);
    expect(await choices("")).toEqual(shown);
    expect((await cli.run("__complete", "--", "serv")).out).toMatch(/^serve\tRun the daemon/);
  });

  it("never fails: without a configuration, with a broken one", async () => {
    writeFileSync(join(cli.home, "config.json"), "{ broken");
    expect(await choices("provider", "show", "")).toEqual([]);
    expect(await choices("use", "")).toEqual(["default"]);
  });
});

/** A shell that is installed here; the others are looked at where they are. */
const CHECKS: Record<(typeof SHELLS)[number], [string, string[]]> = {
  bash: ["bash", ["-n"]],
  zsh: ["zsh", ["-n"]],
  fish: ["fish", ["--no-execute"]],
  powershell: ["pwsh", ["-NoProfile", "-Command", "[scriptblock]::Create([Console]::In.ReadToEnd())"]],
};
const isInstalled = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

describe.each(SHELLS)("%s", (shell) => {
  it("asks the program itself what may come next", async () => {
    const { out } = await cli.run("completion", shell);
    expect(out).toBe(writeCompletion(shell));
    expect(out).toContain("ccproxy __complete -- ");
    expect(await cli.json("completion", shell)).toMatchObject({ shell });
  });

  it.runIf(isInstalled(CHECKS[shell][0]))("passes the shell's own check", () => {
    const [program, flags] = CHECKS[shell];
    const file = join(cli.home, "script");
    writeFileSync(file, writeCompletion(shell));
    const words = shell === "powershell" ? flags : [...flags, file];
    const { status, stderr } = spawnSync(program, words, { input: writeCompletion(shell), encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

it("the shell one sits in is the default", async () => {
  cli.env["SHELL"] = "/usr/bin/fish";
  expect((await cli.run("completion")).out).toContain("complete -c ccproxy");
  cli.env["SHELL"] = "/bin/tcsh";
  expect(await cli.run("completion")).toMatchObject({ code: 2 });
  expect(await cli.run("completion", "cmd")).toMatchObject({ code: 2 });
});

it.runIf(isInstalled("bash"))("bash hands words over and takes names back, as they are", () => {
  const script = `
    ccproxy() { printf '%s\\n' "asked:$*" >&2; printf 'claude-x\\tits words\\nclaude y\\t\\n'; }
    ${writeCompletion("bash").replace("2>/dev/null", "2>asked")}
    COMP_WORDS=(ccproxy model show "cl"); COMP_CWORD=3
    _ccproxy
    printf '[%s]' "\${COMPREPLY[@]}"
    cat asked
  `;
  const out = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", cwd: cli.home });
  expect(out).toBe("[claude-x][claude y]asked:__complete -- model show cl\n");
});
