import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildCli, type BuiltCli } from "../../support/built-cli.ts";
import { PROTOCOLS } from "../../support/daemon.ts";
import { startEchoProvider, type EchoProvider } from "../../support/echo-provider.ts";
import { listChats, listOthers } from "../../support/every-route.ts";

/** Loaded before the program: every connection, name lookup and datagram is written down. */
const RECORDER = `
import { appendFileSync } from "node:fs";
import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
const note = (what) => appendFileSync(process.env.CCPROXY_RECORD, what + "\\n");
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  note(typeof options === "object" ? (options.path ?? options.host + ":" + options.port) : String(args[1] ?? "localhost") + ":" + options);
  return connect.apply(this, args);
};
for (const target of [dns, dns.promises]) {
  for (const name of ["lookup", "resolve", "resolve4", "resolve6", "resolveAny"]) {
    const call = target[name];
    target[name] = (host, ...rest) => { note("dns " + host); return call.call(target, host, ...rest); };
  }
}
const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...args) { note("udp " + args.join(" ")); return send.apply(this, args); };
note("recording");
`;

let dir: string;
let built: BuiltCli;
let provider: EchoProvider;
let env: Record<string, string>;

beforeAll(async () => {
  built = buildCli();
  provider = await startEchoProvider();
  dir = mkdtempSync(join(tmpdir(), "ccproxy-home-"));
  writeFileSync(join(dir, "recorder.mjs"), RECORDER);
  env = {
    PATH: process.env["PATH"] ?? "",
    HOME: dir,
    CCPROXY_HOME: join(dir, "home"),
    CCPROXY_PORT: "0",
    CCPROXY_RECORD: join(dir, "record"),
    NODE_OPTIONS: `--import ${pathToFileURL(join(dir, "recorder.mjs")).href}`,
  };
}, 60_000);
afterAll(async () => {
  await cli("stop", "--force", "--timeout", "1");
  await provider.close();
  rmSync(dir, { recursive: true, force: true });
  built.remove();
});

async function cli(...argv: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [built.path, ...argv], { env }).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }),
  );
  return stdout;
}

it("S31: a daemon and its commands connect to the configured provider, and to nobody else", async () => {
  const started = JSON.parse(await cli("start", "--json")) as { url: string };
  for (const protocol of PROTOCOLS) {
    await cli(
      "provider",
      "add",
      protocol,
      "--protocol",
      protocol,
      "--base-url",
      `http://127.0.0.1:${provider.port}`,
    );
    await cli("group", "add", protocol);
    await cli("model", "add", "*", `${protocol}/*`, "--group", protocol);
  }
  provider.fail(401);
  const ask = async (path: string, method: string, body: unknown): Promise<void> => {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    await (await fetch(started.url + path, { method, body: sent })).text();
  };
  await expect.poll(async () => (await fetch(`${started.url}/ready`)).status, { timeout: 5000 }).toBe(200);
  for (const protocol of ["", ...PROTOCOLS.map((name) => `/${name}`)]) {
    for (const { path, method, body } of [
      ...listChats("m", "http://example.com/image.png"),
      ...listOthers("m", "x"),
    ])
      await ask(protocol + path, method, body);
  }
  for (const argv of [
    ["status"],
    ["provider", "list"],
    ["config", "validate"],
    ["logs"],
    ["version"],
    ["env"],
  ])
    await cli(...argv);
  await cli("restart");
  await cli("stop");

  const lines = readFileSync(join(dir, "record"), "utf8").trim().split("\n");
  const ports = new Set(
    [provider.port, Number(new URL(started.url).port)].map((port) => `127.0.0.1:${port}`),
  );
  const allowed = (line: string): boolean =>
    line === "recording" || ports.has(line) || /^(?:dns )?127\.0\.0\.1(?::\d+)?$/.test(line);
  expect(lines.filter((line) => !allowed(line))).toEqual([]);
  // It records: each of some twenty processes, and what went to the provider.
  expect(lines.filter((line) => line === "recording").length).toBeGreaterThan(20);
  expect(lines.filter((line) => line === `127.0.0.1:${provider.port}`).length).toBeGreaterThan(0);
  expect(provider.asked.length).toBeGreaterThan(30);
}, 90_000);
