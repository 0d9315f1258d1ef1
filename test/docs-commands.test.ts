import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkArgs } from "../cli/check-args.ts";
import { commands } from "../cli/commands.ts";
import type { Entry } from "../cli/entry.ts";
import { createLiveCli, type LiveCli } from "./cli/live-cli.ts";
import { createTestCli } from "./cli/test-io.ts";
import { findCommandLines } from "./cli/shell-words.ts";
import { perProtocol } from "./support/daemon.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/**
 * Every line of shell in the documentation: commands are run beside a daemon with a provider that answers, calls of
 * curl are sent to it, and of what cannot be run here at least the flags are looked at. `docs/cli.md` has the commands'
 * own examples, which test/cli/manners.test.ts runs.
 */
const root = join(import.meta.dirname, "..");
const PAGES = ["README.md", "SECURITY.md"].concat(
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && name !== "cli.md")
    .map((name) => `docs/${name}`),
);

/** They start something that stays, or a program that is not here: their flags are looked at. */
const ONLY_READ = new Set(["serve", "start", "stop", "restart", "init", "launch", "code", "service"]);
/** Lines without a command of ours: why they are not run. */
const OTHERS: [RegExp, reason: string][] = [
  [/^(?:npm|npx) /, "they install and test this very tree"],
  [/^node (?:scripts|bench)\//, "they run for minutes"],
  [/^docker (?:compose|build|run) /, "docker is not here; test/docker.test.ts runs what is inside"],
  [/^(?:export \w+=\S+(?:, )?)+$|^unset \w+/, "they only set variables"],
  [
    /^(?:\w+=\S* )*(?:claude|gemini|codex|opencode|qwen|copilot|aider|open-webui|uvx|pipx?|code|cn|zed)\b/,
    "agents of others",
  ],
  [/^\.\.\/shared\//, "what lies beside the project"],
];

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider(() => FINE);
});
afterAll(() => provider.close());

/** What the pages take for granted: providers, groups and a key of the names that they use. */
async function open(): Promise<{ cli: LiveCli; key: string; url: string }> {
  const { providers = {} } = perProtocol(provider.url);
  const openai = { ...providers["openai"], protocol: "openai", baseUrl: providers["openai"]?.baseUrl ?? "" };
  const ollama = { ...providers["ollama"], protocol: "ollama", baseUrl: providers["ollama"]?.baseUrl ?? "" };
  const group = { models: { "claude-*": "openrouter/a", small: "lan/b", "*": "openrouter/*" } };
  const cli = await createLiveCli({
    providers: {
      openrouter: { ...openai, keys: ["env:OPENROUTER_API_KEY", "env:OPENROUTER_KEY_2"] },
      lan: ollama,
    },
    groups: { default: group, coding: group, qwen: group, local: group },
  });
  Object.assign(cli.env, { OPENROUTER_API_KEY: "sk-test", OPENROUTER_KEY_2: "sk-test-2" });
  const { key } = await cli.json<{ key: string }>("key", "add", "laptop");
  cli.env["CCPROXY_KEY"] = key;
  await cli.run("reload");
  const { url } = JSON.parse(readFileSync(join(cli.home, "ccproxy.pid"), "utf8")) as { url: string };
  writeFileSync(
    join(cli.home, "request.json"),
    JSON.stringify({ model: "small", messages: [{ role: "user", content: "hi" }] }),
  );
  return { cli, key, url };
}

/** Lines as a shell reads them: without comments, those that go on in one. */
function listLines(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return Array.from(text.matchAll(/^```(?:sh|bash|shell|console)\n([^]*?)^```/gm), ([, block = ""]) => block)
    .flatMap(joinLines)
    .map((line) => line.replace(/(?:^|\s{2,})#.*$/, "").trim())
    .filter(Boolean);
}

function joinLines(block: string): string[] {
  const lines: string[] = [];
  let open = "";
  for (const line of block.split("\n")) {
    open = open === "" ? line : `${open.replace(/\\$/, "")}\n${line}`;
    if (open.endsWith("\\") || (open.split("'").length % 2 === 0 && open.startsWith("curl"))) continue;
    lines.push(open);
    open = "";
  }
  return lines;
}

describe.each(PAGES.map((page) => [page, listLines(page)] as const).filter(([, lines]) => lines.length > 0))(
  "%s",
  (_page, lines) => {
    it("has lines that do what they say", { timeout: 60_000 }, async () => {
      const { cli, key, url } = await open();
      try {
        for (const line of lines) {
          const found = findCommandLines(line);
          if (line.startsWith("curl ")) await call(line, { url, key });
          else if (found.length > 0) for (const words of found) await command(cli, line, words);
          else
            expect(
              OTHERS.filter(([known]) => known.test(line)).length,
              `nobody runs: ${line}`,
            ).toBeGreaterThan(0);
        }
      } finally {
        await cli.close();
      }
    });
  },
);

it("there are pages with lines in them", () => {
  expect(PAGES.flatMap(listLines).length).toBeGreaterThan(60);
});

async function command(cli: LiveCli, line: string, argv: string[]): Promise<void> {
  await checkFlags(line, argv);
  // `<name>` is for the reader to fill in.
  if (ONLY_READ.has(argv[0] ?? "") || argv.some((word) => /^<.*>$/.test(word)) || argv.includes("-f")) return;
  // Into an empty home: what the other lines need of a provider is one that answers.
  const place = argv[0] === "provider" && argv[1] === "add" ? createTestCli() : cli;
  place.env["OPENROUTER_API_KEY"] = "sk-test";
  await makeRoom(cli, argv);
  const words = argv.map((word) => (word === "request.json" ? join(cli.home, word) : word));
  const { code, err } = await place.run(...words, "--yes", "--no-input");
  if (place !== cli) place.remove();
  // The doctor may well find something in an empty home, and nobody rests whom to clear.
  const expected = argv[0] === "doctor" || argv.includes("--clear") ? [0, 1] : [0];
  if (!expected.includes(code)) expect.fail(`${line}: exit ${code}: ${err}`);
  await cli.run("reload");
}

/** What a line adds must not be there yet. */
async function makeRoom(cli: LiveCli, [what = "", verb, name = "", ...more]: string[]): Promise<void> {
  if (what === "provider" && verb === "key" && name === "add") await cli.run(what, verb, "remove", ...more);
  if (verb !== "add" || !["group", "model", "key"].includes(what)) return;
  const group = more.indexOf("--group");
  const place = what === "model" && group !== -1 ? ["--group", more[group + 1] ?? ""] : [];
  await cli.run(what, "remove", name, ...place, "--yes");
}

/** Throws for a command or flag that there is not. */
async function checkFlags(line: string, argv: string[]): Promise<void> {
  let entry: Entry = { summary: "", children: commands };
  let depth = 0;
  while (entry.children) {
    const child: Entry | undefined = entry.children[argv[depth] ?? ""];
    if (!child) return expect.fail(`no such command: ${line}`);
    entry = child;
    depth++;
  }
  const leaf = (await entry.load?.())?.default;
  if (!leaf) return expect.fail(`no such command: ${line}`);
  if (!argv.includes("--help")) checkArgs(argv.slice(0, depth), leaf, argv.slice(depth));
}

async function call(line: string, { url, key }: { url: string; key: string }): Promise<void> {
  const [, address = ""] = /(https?:\/\/127\.0\.0\.1:11434\S*)/.exec(line) ?? [];
  expect(address, line).not.toBe("");
  const body = /-d '([^']*)'/.exec(line)?.[1];
  const given = Array.from(
    line.matchAll(/-H '([^:']+): ([^']*)'/g),
    ([, name = "", value = ""]) => [name, value] as const,
  );
  const headers = {
    authorization: `Bearer ${key}`,
    ...Object.fromEntries(given.filter(([, value]) => !value.includes("<"))),
  };
  const response = await fetch(address.replace("http://127.0.0.1:11434", url), {
    method: body === undefined ? "GET" : "POST",
    headers,
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  expect([line, response.status, text.includes('"error"')]).toEqual([line, 200, false]);
}
