import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agents } from "../../../cli/agents/agents.ts";
import { toLaunch } from "../../../cli/agents/launch-agent.ts";
import { toText } from "../../../cli/agents/run-agent.ts";
import { createTestCli, type TestCli } from "../test-io.ts";
import { connection, places } from "./places.ts";

describe("what each agent is given", () => {
  it.each(agents.map((agent) => ({ id: agent.id, agent })))("$id", async ({ agent }) => {
    const given: Record<string, unknown> = {};
    for (const [system, place] of Object.entries(places)) {
      const launch = agent.command && toLaunch(agent, ["their", "words"], { connection, place, folder: "F" });
      const files = launch
        ? await Promise.all(launch.files.map((file) => toText({ ...file, base: undefined })))
        : [];
      const settings = agent.settings?.(connection, place).map(({ paths, format }) => [format, ...paths]);
      const { args = [], variables = {}, overlay } = launch || {};
      given[system] = { args, variables, files, overlay, settings };
    }
    await expect(`${JSON.stringify(given, undefined, 2)}\n`).toMatchFileSnapshot(`golden/${agent.id}.txt`);
  });
});

let cli: TestCli;
let server: Server;
let asked: string[];
let status: number;
const bin = (): string => join(cli.home, "..", "bin");
const user = (...path: string[]): string => join(cli.home, "..", ...path);

/** Stands in for an agent: writes down what it was given, and ends as its words say. */
function install(name: string): void {
  mkdirSync(bin(), { recursive: true });
  const file = join(bin(), name);
  const code = `#!${process.execPath}
const { readFileSync, writeFileSync } = require("node:fs");
const words = process.argv.slice(2);
const at = words.indexOf("--settings");
const settings = at === -1 ? undefined : JSON.parse(readFileSync(words[at + 1], "utf8"));
const gemini = process.env.GEMINI_CLI_HOME;
if (gemini) writeFileSync(gemini + "/.gemini/made.json", "made by it");
writeFileSync(${JSON.stringify(user("seen.json"))}, JSON.stringify({ words, env: process.env, settings }));
if (words.includes("die")) process.kill(process.pid, "SIGTERM");
else process.exit(words.includes("seven") ? 7 : 0);
`;
  writeFileSync(file, code);
  chmodSync(file, 0o755);
}

const seen = (): {
  words: string[];
  env: Record<string, string>;
  settings?: { env: Record<string, string> };
} => JSON.parse(readFileSync(user("seen.json"), "utf8")) as ReturnType<typeof seen>;

beforeEach(async () => {
  cli = createTestCli();
  asked = [];
  status = 200;
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ""}`);
    const send = (code: number, body: unknown): void =>
      void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url === "/health") return send(200, { status: "ok", pid: process.pid, version: "1" });
    if (status !== 200) return send(status, { error: { message: "a client key is needed" } });
    if (request.url?.endsWith("/v1/models")) return send(200, { data: [{ id: "big" }, { id: "small" }] });
    return send(request.url?.endsWith("/hidden") ? 200 : 404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cli.env["CCPROXY_PORT"] = String((server.address() as AddressInfo).port);
  cli.env["PATH"] = `${bin()}${delimiter}${process.env["PATH"]}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  cli.remove();
});

describe("launch", () => {
  it("runs the agent with an environment of its own, and ends as it ends", async () => {
    install("claude");
    mkdirSync(user(".claude"));
    const theirs = '{ "env": { "ANTHROPIC_BASE_URL": "http://elsewhere" } }';
    writeFileSync(user(".claude", "settings.json"), theirs);
    cli.env["ANTHROPIC_API_KEY"] = "sk-other";
    const { code } = await cli.run("launch", "claude", "--compat", "--", "-p", "seven");
    expect(code).toBe(7);
    const base = `http://127.0.0.1:${cli.env["CCPROXY_PORT"]}/compat_mode`;
    expect(seen().words.slice(-2)).toEqual(["-p", "seven"]);
    expect(seen().env).toMatchObject({ ANTHROPIC_BASE_URL: base, ANTHROPIC_MODEL: "big" });
    expect(seen().env).not.toHaveProperty("ANTHROPIC_API_KEY");
    expect(seen().settings?.env).toMatchObject({ ANTHROPIC_BASE_URL: base, ANTHROPIC_API_KEY: "" });
    expect(readFileSync(user(".claude", "settings.json"), "utf8")).toBe(theirs);
    // The file with the key is gone with the run.
    expect(existsSync(seen().words[1] ?? "")).toBe(false);
    expect((await cli.run("code", "--", "die")).code).toBe(143);
  });

  it("S28: withholds the keys of providers from the agent, and leaves it all else", async () => {
    install("claude");
    Object.assign(cli.env, { LAN_KEY: "sk-of-a-provider", UNRELATED: "theirs" });
    const lan = ["--protocol", "openai", "--base-url", "http://127.0.0.1:9", "--key", "env:LAN_KEY"];
    expect((await cli.run("provider", "add", "lan", ...lan)).code).toBe(0);
    await cli.run("launch", "claude");
    expect(seen().env).not.toHaveProperty("LAN_KEY");
    expect(JSON.stringify(seen())).not.toContain("sk-of-a-provider");
    expect(seen().env["UNRELATED"]).toBe("theirs");
  });

  it("shows Gemini CLI its folder with one field more, and carries back what it makes", async () => {
    install("gemini");
    mkdirSync(user(".gemini", "history"), { recursive: true });
    const theirs = '{ "security": { "auth": { "selectedType": "oauth-personal" } } }';
    writeFileSync(user(".gemini", "settings.json"), theirs);
    expect((await cli.run("launch", "gemini", "--model", "hidden")).code).toBe(0);
    expect(seen().env["GEMINI_CLI_HOME"]).toContain("ccproxy-launch-");
    expect(readFileSync(user(".gemini", "settings.json"), "utf8")).toBe(theirs);
    expect(readFileSync(user(".gemini", "made.json"), "utf8")).toBe("made by it");
    expect(readdirSync(user(".gemini")).toSorted()).toEqual(["history", "made.json", "settings.json"]);
    // Settings that need no change are used as they are.
    writeFileSync(user(".gemini", "settings.json"), theirs.replace("oauth-personal", "gemini-api-key"));
    await cli.run("launch", "gemini", "--model", "hidden");
    expect(seen().env).not.toHaveProperty("GEMINI_CLI_HOME");
  });

  it("says what is wrong before anything runs", async () => {
    expect(await cli.run("launch", "codex")).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /no 'codex' on the PATH\n {2}next: npm install -g @openai\/codex\n/,
      ) as string,
    });
    install("codex");
    expect(await cli.run("launch", "codex", "--model", "smal")).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean "small"?') as string,
    });
    expect((await cli.run("launch", "codex", "--group", "nowhere")).err).toContain(
      'there is no group "nowhere"',
    );
    expect(await cli.run("launch", "cluade")).toMatchObject({
      code: 2,
      err: expect.stringContaining('"claude"') as string,
    });
    expect((await cli.run("launch", "roo")).err).toContain("ccproxy setup roo");
    expect(await cli.run("setup", "copilot")).toMatchObject({ code: 1 });
    expect(await cli.run("setup")).toMatchObject({ code: 2 });
    status = 401;
    expect(await cli.run("launch", "codex")).toMatchObject({
      code: 5,
      err: expect.stringContaining("a client key is needed") as string,
    });
    expect(existsSync(user("seen.json"))).toBe(false);
  });

  it("needs a client key once there is one, and makes one where asked to", async () => {
    install("qwen");
    await cli.run("key", "add", "other");
    const refused = await cli.run("launch", "qwen");
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining("--new-key") as string });
    cli.env["CCPROXY_KEY"] = "sk-test-of-mine";
    await cli.run("launch", "qwen");
    expect(seen().env["OPENAI_API_KEY"]).toBe("sk-test-of-mine");
    delete cli.env["CCPROXY_KEY"];
    expect((await cli.run("launch", "qwen", "--new-key")).code).toBe(0);
    const key = seen().env["OPENAI_API_KEY"] ?? "";
    expect(key).toMatch(/^ccp_/);
    expect(asked.at(-1)).toContain(`Bearer ${key}`);
    expect(statSync(join(cli.home, "agents", "keys", "qwen")).mode & 0o777).toBe(0o600);
    await cli.run("launch", "qwen");
    expect(seen().env["OPENAI_API_KEY"]).toBe(key);
    const shown = await cli.run("launch", "qwen", "--dry-run");
    expect(shown.out).toContain("OPENAI_API_KEY=****");
  });
});

describe("setup and restore", () => {
  const file = (): string => user(".claude", "settings.json");
  const theirs = '{\r\n\t// mine\r\n\t"theme": "dark"\r\n}';

  it("change fields, keep a copy, mode and link, and take exactly that back", async () => {
    mkdirSync(user(".claude"));
    writeFileSync(user("real.json"), theirs, { mode: 0o640 });
    symlinkSync(user("real.json"), file());
    const dry = await cli.run("setup", "claude", "--dry-run");
    expect(dry.out).toMatch(/^--- .*settings\.json\n\+\+\+ .*\n@@ .* @@\n/);
    expect(readFileSync(file(), "utf8")).toBe(theirs);
    expect(existsSync(join(cli.home, "agents"))).toBe(false);

    const first = await cli.run("setup", "claude");
    expect(first).toMatchObject({
      code: 0,
      err: expect.stringContaining("env.ANTHROPIC_BASE_URL") as string,
    });
    const set = readFileSync(user("real.json"), "utf8");
    expect(set).toContain(
      '\r\n\t"theme": "dark",\r\n\t"env": {\r\n\t\t"ANTHROPIC_BASE_URL": "http://127.0.0.1:',
    );
    expect(statSync(user("real.json")).mode & 0o777).toBe(0o640);
    expect(statSync(join(cli.home, "agents", "claude.json")).mode & 0o777).toBe(0o600);
    const again = (await cli.run("setup", "claude")).err;
    expect(again).toContain("nothing to change");
    expect(again).not.toContain("ccproxy start");
    expect(readFileSync(file(), "utf8")).toBe(set);

    writeFileSync(
      file(),
      set.replace('"dark"', '"light"').replace(/"ANTHROPIC_MODEL": "big"/, '"ANTHROPIC_MODEL": "own"'),
    );
    const back = await cli.run("restore", "claude");
    expect(back.err).toMatch(/left as it is, since it was changed after setup: env\.ANTHROPIC_MODEL in /);
    expect(readFileSync(file(), "utf8")).toBe(
      theirs.replace('dark"', 'light",\r\n\t"env": {\r\n\t\t"ANTHROPIC_MODEL": "own"\r\n\t}'),
    );
    expect((await cli.run("restore", "claude")).err).toContain("nothing was set up");
  });

  it("leave nothing behind of what they made, and keep five copies", async () => {
    expect(await cli.json("setup", "gemini", "codex")).toMatchObject([{ changed: true }, { changed: true }]);
    expect(statSync(user(".gemini", ".env")).mode & 0o777).toBe(0o600);
    for (let turn = 0; turn < 4; turn++) {
      await cli.run("setup", "codex", "--model", turn % 2 === 0 ? "small" : "big");
      await cli.run("restore", "codex");
      await cli.run("setup", "codex");
    }
    expect(readdirSync(join(cli.home, "backups", "codex")).length).toBe(5);
    expect((await cli.run("restore", "--all")).code).toBe(0);
    expect(existsSync(user(".gemini"))).toBe(false);
    expect(existsSync(user(".codex"))).toBe(false);
    rmSync(join(cli.home, "backups"), { recursive: true });
    expect((await cli.run("restore", "--all")).err).toContain("nothing was set up");
  });

  it("say so when no daemon runs that an agent would reach", async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    const { code, err } = await cli.run("setup", "claude", "codex", "--model", "big");
    expect(code).toBe(0);
    expect(err.match(/the daemon does not run yet: 'ccproxy start' starts it\n/g)).toHaveLength(1);
    expect((await cli.run("setup", "claude", "--model", "big", "--dry-run")).err).not.toContain(
      "ccproxy start",
    );
  });

  it("change nothing in a file they cannot read, and go on with the others", async () => {
    mkdirSync(user(".claude"));
    writeFileSync(file(), '{ "env": ');
    expect(await cli.run("setup", "claude")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/settings\.json: line 1: expected JSON; nothing was changed/) as string,
    });
    expect((await cli.run("setup", "claude", "codex")).code).toBe(1);
    expect(readFileSync(file(), "utf8")).toBe('{ "env": ');
    expect(existsSync(user(".codex", "ccproxy.config.toml"))).toBe(true);
  });
});

describe("env", () => {
  it("prints one agent's variables, and functions that switch groups in the shell", async () => {
    expect((await cli.run("env", "copilot", "--shell", "zsh")).out).toContain("export COPILOT_MODEL='big'\n");
    expect((await cli.run("env", "continue")).code).toBe(1);
    expect((await cli.run("env", "--functions", "--shell", "fish")).out).toContain("function ccuse");
    expect((await cli.run("env", "--functions", "--shell", "powershell")).out).toContain("function ccoff {");
    const { out } = await cli.run("env", "--functions", "--shell", "bash");
    const { execFileSync } = await import("node:child_process");
    // The function takes what the program prints, and only if it succeeds.
    const script = `${out}
ccproxy() { [ "$5" = qwen ] && echo "export OPENAI_BASE_URL='\${*}'"; }
ccuse qwen --compat && echo "$OPENAI_BASE_URL"; ccuse other || echo "no: $?"; ccoff; echo "\${OPENAI_BASE_URL-gone}"`;
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(
      "env --shell bash --group qwen --compat\nno: 1\ngone\n",
    );
  });
});
