import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "start-loads-"));
  const provider = { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1" };
  writeFileSync(
    join(dir, "config.json"),
    JSON.stringify({ providers: { lan: provider }, groups: { default: { models: { "*": "lan/*" } } } }),
    { mode: 0o600 },
  );
  writeFileSync(
    join(dir, "builtins.cjs"),
    `process.on("exit", () => require("node:fs").writeFileSync(process.env.BUILTINS, process.moduleLoadList.join("\\n")))`,
  );
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("what the built program loads", () => {
  it.each([["version"], ["--help"], ["provider --help"]])(
    "for `%s`: neither server nor storage",
    async (line) => {
      const { sources, builtins } = await run(line.split(" "));
      expect(sources).toContain("cli/run.ts");
      expect(sources.filter((source) => !/^(?:cli|package\.json)/.test(source)).toSorted()).toEqual(
        line === "version"
          ? [...CITTY, "server/version.ts", "storage/suggest.ts"].toSorted()
          : expect.any(Array),
      );
      expect(sources.filter((source) => HEAVY.test(source) || /^storage\/(?!suggest)/.test(source))).toEqual(
        [],
      );
      expect(builtins).not.toContain("NativeModule http");
      expect(builtins).not.toContain("NativeModule crypto");
    },
  );

  it("to serve until the first /health: no adapter, no compat mode, no client, no checker of configurations", async () => {
    // The first start checks the configuration, and makes what is made once.
    const first = await run(["serve"], "/health");
    expect(first.sources.some((source) => source.startsWith("node_modules/ajv/"))).toBe(true);
    const { sources, builtins } = await run(["serve"], "/health");
    expect(sources).toContain("server/door.ts");
    expect(sources.filter((source) => source.startsWith("node_modules/")).toSorted()).toEqual(
      [...CITTY, "node_modules/lowdb/lib/core/Low.js"].toSorted(),
    );
    expect(sources.filter((source) => HEAVY.test(source))).toEqual([]);
    expect(sources.filter((source) => /^storage\/(?:read-config|check-|schema)/.test(source))).toEqual([]);
    expect(builtins).toContain("NativeModule http");
    expect(builtins).not.toContain("NativeModule crypto");
    expect(builtins).not.toContain("NativeModule https");
    expect(builtins).not.toContain("NativeModule zlib");
  });

  it("to list models: the adapters, but neither a checker nor comforts", async () => {
    await run(["serve"], "/health");
    const { sources } = await run(["serve"], "/api/tags");
    expect(sources).toContain("adapters/index.ts");
    expect(
      sources.filter((source) => /node_modules\/(?:ajv|listhen|prom-client|jsonrepair)\//.test(source)),
    ).toEqual([]);
  });
});

/** Runs the program, asks for `path` once it listens, and ends it. Returns the project's sources in what it loaded. */
async function run(args: string[], path?: string): Promise<{ sources: string[]; builtins: string[] }> {
  expect(existsSync(CLI), "npm run build comes first").toBe(true);
  const coverage = join(dir, "coverage");
  const builtins = join(dir, "builtins");
  rmSync(coverage, { recursive: true, force: true });
  mkdirSync(coverage);
  const serving = path === undefined ? [] : ["--port", String(await findFreePort())];
  const child = spawn(process.execPath, ["--require", join(dir, "builtins.cjs"), CLI, ...args, ...serving], {
    env: { PATH: process.env["PATH"], CCPROXY_HOME: dir, NODE_V8_COVERAGE: coverage, BUILTINS: builtins },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  let said = "";
  for await (const text of child.stderr) {
    said += String(text);
    const url = /listens on (\S+)/.exec(said)?.[1];
    if (path === undefined || url === undefined) continue;
    expect((await fetch(url + path)).status).toBe(200);
    child.kill("SIGTERM");
    path = undefined;
  }
  expect(await ended, said).toBe(0);
  return { sources: readSources(coverage), builtins: readFileSync(builtins, "utf8").split("\n") };
}

/** A bundle names the files it was made of. */
function readSources(coverage: string): string[] {
  const sources = new Set<string>();
  for (const file of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, file), "utf8")) as {
      result: { url: string }[];
    };
    for (const { url } of result) {
      if (!url.startsWith("file:")) continue;
      const text = readFileSync(fileURLToPath(url), "utf8");
      for (const [, source] of text.matchAll(/^\/\/#region (\S+)/gm))
        if (source !== undefined) sources.add(source);
    }
  }
  return [...sources];
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

const CLI = join(import.meta.dirname, "../../dist/cli.js");
const CITTY = ["node_modules/citty/dist/_chunks/libs/scule.mjs", "node_modules/citty/dist/index.mjs"];
const HEAVY =
  /^(?:adapters\/(?:index\.ts|[^/]+\/)|compat\/|server\/(?:core|chat|listener|upstream)|node_modules\/(?!citty|lowdb))/;
