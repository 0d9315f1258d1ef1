import {
  chmodSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHECKS } from "../../cli/doctor/checks/index.ts";
import type { System } from "../../cli/doctor/system.ts";
import { VERSION } from "../../server/version.ts";
import { startScriptedProvider, type Script, type ScriptedProvider } from "../support/scripted-provider.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

interface Found {
  id: string;
  outcome: "ok" | "warn" | "fail";
  message: string;
  fix: string;
  docs: string;
}

const good: Script = (request) =>
  request.tools?.length
    ? [
        { type: "tool-start", index: 0, id: "c", name: "get_weather" },
        { type: "finish", reason: "tool-calls" },
      ]
    : [
        { type: "text-delta", text: "OK" },
        { type: "finish", reason: "stop" },
      ];
const refuse =
  (status: number, message: string): Script =>
  (_request, { res }) =>
    void res
      .writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify({ error: { message } }));

let cli: TestCli;
let system: System;
let fake: ScriptedProvider;
let script: Script;
/** A port where nobody listens. */
let free: number;
beforeAll(async () => {
  fake = await startScriptedProvider((request, raw) => script(request, raw));
});
afterAll(() => fake.close());

const closing: (() => unknown)[] = [];
beforeEach(async () => {
  script = good;
  const probe = await open((_req, res) => res.end());
  free = probe.port;
  probe.server.close();
  system = {
    nodeVersion: "20.19.0",
    platform: "linux",
    now: Date.now,
    freeBytes: () => 5e9,
    lingerFolder: "/nowhere",
    user: "u",
    inContainer: false,
    lookup: (name, _options, callback) =>
      name === "lost.example"
        ? callback(Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" }), [])
        : callback(null, [{ address: "127.0.0.1", family: 4 }]),
  };
  cli = createTestCli({ system });
  write("config.json", config());
  await cli.run("config", "path");
});
afterEach(async () => {
  await cli.run("stop", "--force", "--timeout", "0");
  for (const close of closing.splice(0)) close();
  cli.remove();
});

async function open(
  listener: Parameters<typeof createServer>[1],
  server: Server = createServer(listener),
): Promise<{ server: Server; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

/** A configuration in which nothing is wrong, with what is. */
const config = (provider: object = {}, more: object = {}): object => ({
  server: { port: free },
  providers: { lan: { protocol: "openai", baseUrl: fake.url, ...provider } },
  groups: { default: { models: { "*": "lan/*" } } },
  ...more,
});

function write(name: string, content: object | string, { userHome = false } = {}): string {
  const path = join(userHome ? dirname(cli.home) : cli.home, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2), {
    mode: 0o600,
  });
  return path;
}

async function diagnose(
  ...flags: string[]
): Promise<{ code: number; wrong: Found[]; all: Found[]; mended: string[] }> {
  const { code, out } = await cli.run("doctor", "--json", ...flags);
  const { checks, mended } = JSON.parse(out) as { checks: Found[]; mended: string[] };
  return { code, all: checks, mended, wrong: checks.filter(({ outcome }) => outcome !== "ok") };
}

/** A file that is older than any write takes. */
function makeOld(path: string): void {
  utimesSync(path, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000));
}

/** What is wrong → the check that says so, and a word of what it says. Besides, the daemon does not run. */
const FAULTS: [id: string, says: string, seed: () => unknown][] = [
  ["node-version", "18.20.0", () => (system.nodeVersion = "18.20.0")],
  ["disk-space", "5 MB", () => (system.freeBytes = () => 5 * 1024 * 1024)],
  ["file-modes", "config.json (644)", () => chmodSync(join(cli.home, "config.json"), 0o644)],
  ["config-valid", ":3: /server/port", () => write("config.json", config({}, { server: { port: "x" } }))],
  ["config-valid", "not valid JSON", () => write("config.json", '{"server": {')],
  ["config-fields", "portt", () => write("config.json", config({}, { server: { port: free, portt: 1 } }))],
  [
    "alias-provider",
    '/groups/default/models/a: there is no provider "lna"; did you mean "lan"?',
    () => write("config.json", config({}, { groups: { default: { models: { a: "lna/x" } } } })),
  ],
  ["configured", "no provider yet", () => write("config.json", { server: { port: free } })],
  ["configured", "switched off", () => write("config.json", config({ enabled: false }))],
  ["config-lock", "config.json.lock", () => makeOld(write("config.json.lock", "{}"))],
  [
    "stale-temps",
    ".config.json.0123456789abcdef.tmp",
    () => makeOld(write(".config.json.0123456789abcdef.tmp", "")),
  ],
  ["log-size", "60 MB", () => truncateSync(write("ccproxy.log", ""), 60 * 1024 * 1024)],
  [
    "daemon-running",
    "names a process that is gone",
    () => write("ccproxy.pid", { pid: 999_999, url: "http://127.0.0.1:1" }),
  ],
  [
    "port",
    "an Ollama (version 0.33.0)",
    async () => {
      const { port } = await open((req, res) =>
        req.url === "/api/version" ? res.end('{"version":"0.33.0"}') : res.writeHead(404).end(),
      );
      write("config.json", config({}, { server: { port } }));
    },
  ],
  [
    "bind-scope",
    "0.0.0.0",
    () => write("config.json", config({}, { server: { host: "0.0.0.0", port: free } })),
  ],
  [
    "client-keys",
    "k_1 (old)",
    () =>
      write(
        "config.json",
        config(
          {},
          { keys: { k_1: { name: "old", hash: "0".repeat(64), expiresAt: "2020-01-01T00:00:00Z" } } },
        ),
      ),
  ],
  [
    "env-keys",
    "lan: env:NOT_SET has no value",
    () => write("config.json", config({ keys: ["env:PATH", "env:NOT_SET"] })),
  ],
  ["literal-keys", "lan", () => write("config.json", config({ keys: ["sk-test-0123456789"] }))],
  ["linger", "log out", () => write(".config/systemd/user/ccproxy.service", "", { userHome: true })],
  ["proxy-env", "HTTPS_PROXY", () => (cli.env["HTTPS_PROXY"] = "http://proxy:3128")],
  ["tls-env", "NODE_TLS", () => (cli.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0")],
  [
    "agent-env",
    "ANTHROPIC_BASE_URL leads to 127.0.0.1:8082",
    () => (cli.env["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:8082"),
  ],
  [
    "agent-settings",
    "claude: ANTHROPIC_BASE_URL",
    () =>
      write(
        ".claude/settings.json",
        { env: { ANTHROPIC_BASE_URL: "https://other.example" } },
        { userHome: true },
      ),
  ],
  [
    "agent-settings",
    "codex: base_url",
    () =>
      write(".codex/config.toml", '[model_providers.x]\nbase_url = "http://localhost:1/v1"\n', {
        userHome: true,
      }),
  ],
  ["docker-url", "localhost is this container itself", () => (system.inContainer = true)],
  ["provider-dns", "not found", () => write("config.json", config({ baseUrl: "http://lost.example" }))],
  [
    "provider-tls",
    "nothing listens",
    () => write("config.json", config({ baseUrl: `http://127.0.0.1:${free}` })),
  ],
  [
    "provider-tls",
    "self-signed",
    async () => {
      const read = (name: string): Buffer =>
        readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
      const server = createTlsServer({ cert: read("localhost.pem"), key: read("key.pem") });
      const { port } = await open(undefined, server);
      write("config.json", config({ baseUrl: `https://localhost:${port}` }));
    },
  ],
  ["provider-key", "wrong key", () => (script = refuse(401, "wrong key"))],
  ["provider-chat", "out of order", () => (script = refuse(500, "out of order"))],
  [
    "provider-models",
    "no list",
    async () => {
      const { port } = await open((req, res) => {
        const body = '{"choices":[{"message":{"content":"OK"},"finish_reason":"stop"}]}';
        if (req.method === "GET") res.writeHead(404).end();
        else res.writeHead(200, { "content-type": "application/json" }).end(body);
      });
      write("config.json", config({ baseUrl: `http://127.0.0.1:${port}` }));
    },
  ],
  [
    "provider-tools",
    "did not call it",
    () =>
      (script = () => [
        { type: "text-delta", text: "Sunny." },
        { type: "finish", reason: "stop" },
      ]),
  ],
  [
    "provider-stream",
    "no stream today",
    () =>
      (script = (request, raw) =>
        request.stream ? refuse(500, "no stream today")(request, raw) : good(request, raw)),
  ],
  [
    "clock-skew",
    "60 min",
    async () => {
      script = (request, { res }) => {
        res.setHeader("date", new Date(Date.now() + 3_600_000).toUTCString());
        return good(request, undefined as never);
      };
    },
  ],
];

it("finds nothing wrong but that the daemon does not run", async () => {
  const { code, wrong, all } = await diagnose();
  expect(wrong.map(({ id, message }) => `${id}: ${message}`)).toEqual(["daemon-running: not running"]);
  expect(code).toBe(0);
  for (const { id, docs } of all) expect(docs).toBe(`docs/troubleshooting.md#${id}`);
});

describe("faults", () => {
  it.each(FAULTS)("%s: %s", async (id, says, seed) => {
    await seed();
    const { code, wrong } = await diagnose();
    const found = wrong.filter((one) => one.id === id && one.message.includes(says));
    expect(found, JSON.stringify(wrong, undefined, 1)).toHaveLength(1);
    expect(found[0]?.fix).not.toBe("");
    expect(code).toBe(wrong.some(({ outcome }) => outcome === "fail") ? 1 : 0);
    const others = wrong.filter((one) => one.id !== id && one.id !== "daemon-running");
    expect(others.map((one) => one.id)).toEqual([]);
  });

  it("are at least twenty different ones", () => {
    expect(new Set(FAULTS.map(([id]) => id)).size).toBeGreaterThanOrEqual(20);
  });
});

describe("a running daemon", () => {
  it("its version, its keys, who rests, and the port it holds are looked at", async () => {
    await cli.json("start");
    cli.env["KEY"] = "sk-test";
    const { wrong } = await diagnose("--offline");
    expect(wrong.map(({ id }) => id)).toEqual([
      "daemon-version",
      "daemon-keys",
      "keys-resting",
      "keys-resting",
    ]);
    expect(wrong[0]?.message).toBe(`the daemon is 9.9.9, this program ${VERSION}`);
    expect(wrong[1]?.message).toContain("env:KEY");
    expect(wrong[2]?.message).toBe("lan#1 rests for 2 min: the provider refused the key");
  });
});

it("--fix mends modes, locks, leftovers and a stale PID file, and nothing else", async () => {
  chmodSync(join(cli.home, "config.json"), 0o644);
  makeOld(write("config.json.lock", "{}"));
  makeOld(write(".config.json.0123456789abcdef.tmp", ""));
  write("ccproxy.pid", { pid: 999_999, url: "http://127.0.0.1:1" });
  const before = readFileSync(join(cli.home, "config.json"), "utf8");
  expect((await diagnose("--offline")).wrong).toHaveLength(4);
  const { wrong, mended } = await diagnose("--offline", "--fix");
  expect(mended).toHaveLength(4);
  expect(wrong.map(({ message }) => message)).toEqual(["not running"]);
  expect(readFileSync(join(cli.home, "config.json"), "utf8")).toBe(before);
  expect(statSync(join(cli.home, "config.json")).mode & 0o777).toBe(0o600);
});

it("--offline asks no provider; --list tells what there is; people get a line each and what helps", async () => {
  const asked = fake.seen.length;
  const { out, err, code } = await cli.run("doctor", "--offline");
  expect(fake.seen).toHaveLength(asked);
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^\d+ ok, 1 to look at, 0 wrong\n$/) as string,
  });
  expect(out).toMatch(/^warn {2}daemon-running +not running\n +fix: ccproxy start$/m);
  const listed = await cli.json<{ id: string; title: string; fix: string }[]>("doctor", "--list");
  expect(listed).toEqual(CHECKS.map(({ id, title, fix }) => ({ id, title, fix })));
  expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
  for (const { id } of listed) expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
});
