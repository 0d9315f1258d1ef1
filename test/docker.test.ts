import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { buildCli, type BuiltCli } from "./support/built-cli.ts";

/** The container's files as they are, and its very commands run with its environment; docker itself is not needed. */
const read = (name: string): string => readFileSync(join(import.meta.dirname, "..", name), "utf8");
const dockerfile = read("Dockerfile").replaceAll("\\\n", " ");
const stage = dockerfile.slice(dockerfile.lastIndexOf("\nFROM"));
const lineOf = (word: string): string => new RegExp(`^\\s*${word} (.+)$`, "m").exec(stage)?.[1]?.trim() ?? "";
const wordsOf = (word: string): string[] => JSON.parse(lineOf(word)) as string[];
const health = JSON.parse(/HEALTHCHECK .*?CMD (\[.*\])/.exec(stage)?.[1] ?? "[]") as string[];

let built: BuiltCli;
let home: string;
let env: Record<string, string>;
beforeAll(async () => {
  built = buildCli();
  home = mkdtempSync(join(tmpdir(), "ccproxy-docker-"));
  const port = await freePort();
  const set = Object.fromEntries(
    lineOf("ENV")
      .split(" ")
      .map((pair) => pair.split("=") as [string, string]),
  );
  env = { PATH: process.env["PATH"] ?? "", ...set, CCPROXY_HOME: home, CCPROXY_PORT: String(port) };
  if (user === undefined) return;
  chownSync(home, user, user);
  // That user must be able to read what root built.
  for (const folder of [dirname(built.path), dirname(dirname(built.path))]) chmodSync(folder, 0o755);
}, 60_000);
afterAll(() => {
  built.remove();
  rmSync(home, { recursive: true, force: true });
});

/** Somebody without rights, where the tests run as root. */
const user = process.getuid?.() === 0 ? 65_534 : undefined;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function start(args: string[]) {
  const [, , ...before] = wordsOf("ENTRYPOINT");
  const child = spawn(process.execPath, [built.path, ...before, ...args], {
    env,
    cwd: home,
    ...(user !== undefined && { uid: user, gid: user }),
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  return { child, said, ended: once(child, "exit").then(([code]) => code as number) };
}

const isHealthy = (): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(process.execPath, health.slice(1), { env }, (error) => resolve(error === null));
  });

it("the image runs without root, keeps what it writes in /data, and gets its signals itself", () => {
  expect(lineOf("USER")).toBe("node");
  expect(lineOf("VOLUME")).toBe("/data");
  expect(lineOf("ENV")).toContain("CCPROXY_HOME=/data");
  expect(wordsOf("ENTRYPOINT")).toEqual(["node", "/app/dist/cli.js"]);
  expect(dockerfile).toMatch(/npm ci --ignore-scripts/);
  expect(dockerfile).not.toMatch(/:latest|curl |ADD http/);
  const allowed = read(".dockerignore").split("\n");
  for (const [, names = ""] of dockerfile.slice(0, -stage.length).matchAll(/^COPY (.+) \S+$/gm))
    for (const name of names.split(" ")) expect(allowed).toContain(`!${name}`);
  // Everything that the program is built of is there.
  expect(dockerfile.match(/^COPY (\w+) \1$/gm)?.map((line) => line.split(" ")[1])).toEqual([
    "adapters",
    "cli",
    "compat",
    "routing",
    "server",
    "storage",
  ]);
});

it("compose: read-only, no rights, this machine alone, time to finish", () => {
  const { services } = parse(read("compose.yaml")) as { services: { ccproxy: Record<string, unknown> } };
  expect(services.ccproxy).toMatchObject({
    read_only: true,
    user: "node",
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    ports: ["127.0.0.1:11434:11434"],
    volumes: ["data:/data"],
    stop_grace_period: "15s",
  });
  expect(read("compose.yaml")).not.toMatch(/sk-|ccp_/);
});

it(
  "its commands: no start without a key, healthy with one, and an orderly end",
  { timeout: 30_000 },
  async () => {
    const refused = start(wordsOf("CMD"));
    expect([await refused.ended, refused.said.err]).toEqual([4, expect.stringContaining("ccproxy key add")]);
    expect(await isHealthy()).toBe(false);

    const made = start(["key", "add", "me"]);
    expect(await made.ended).toBe(0);
    const key = made.said.out.trim();
    expect(key).toMatch(/^ccp_/);

    const daemon = start(wordsOf("CMD"));
    await expect.poll(isHealthy, { timeout: 10_000 }).toBe(true);
    const url = `http://127.0.0.1:${env["CCPROXY_PORT"]}`;
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    const authorization = `Bearer ${key}`;
    expect((await fetch(`${url}/v1/models`, { headers: { authorization } })).status).toBe(200);
    // One that runs is finished first.
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify({ model: "demo", stream: true, messages: [{ role: "user", content: "hello" }] }),
    });
    daemon.child.kill("SIGTERM");
    expect(await answer.text()).toContain("[DONE]");
    expect(await daemon.ended).toBe(0);
    expect(await isHealthy()).toBe(false);
  },
);
