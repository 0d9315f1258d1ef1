import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { perProtocol, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { listRoutes } from "../support/route-list.ts";
import { sendRaw, statuses } from "../support/raw-socket.ts";
import { startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";
import { send } from "../support/send.ts";

// S1: which names the daemon answers to. Without the look at Host in server/guard.ts every refusal here is an answer.
const names = ["localhost", "127.0.0.1", "[::1]"];
const evil = ["evil.example", "rebind.network", "x.1u.ms", "attacker.test"];
const numbers = [
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "017700000001",
  "127.1",
  "127.0.1",
  "127.0.0.2",
  "127.255.255.254",
  "0",
  "0.0.0.0",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::1%25lo]",
  "[64:ff9b::7f00:1]",
  "10.0.0.1",
  "192.168.0.1",
  "172.16.0.1",
  "169.254.169.254",
  "100.64.0.1",
  "[fe80::1]",
  "[fd00::1]",
];
const rebinding = evil.flatMap((domain) => [
  domain,
  `localhost.${domain}`,
  `127.0.0.1.${domain}`,
  `7f000001.c0a80001.${domain}`,
  `make-127-0-0-1-rr.${domain}`,
  `a.b.c.${domain}`,
  `${domain}.`,
  domain.toUpperCase(),
]);
const twisted = names.flatMap((name) => [
  `${name}.`,
  `${name}.evil.example`,
  `evil.${name}`,
  `x${name}`,
  `${name}x`,
  `user@${name}`,
  `user:pass@${name}`,
  `${name}@evil.example`,
  `${name}:11434@evil.example`,
  `${name}:`,
  `${name}:port`,
  `${name}:11434:80`,
  `${name}:-1`,
  `${name}:11434/x`,
  `${name}/`,
  `${name}#`,
  `${name}?`,
  `${name}\\`,
  `${name},evil.example`,
  `evil.example,${name}`,
  `${name} evil.example`,
  `${name}\tevil.example`,
  `http://${name}`,
  `//${name}`,
  `${name}%00`,
  `${name}%2eevil.example`,
  `"${name}"`,
  `*.${name}`,
]);
const local = ["local", "internal", "lan", "home.arpa", "localdomain", "localhost.localdomain"].flatMap(
  (end) => [end, `ollama.${end}`, `ccproxy.${end}`],
);
const letters = [
  "lоcalhost",
  "ⓛocalhost",
  "ｌocalhost",
  "localhos\u0074\u0301",
  "xn--lcalhost-e5g",
  "１２７.0.0.1",
  "127。0。0。1",
].map((host) => Buffer.from(host).toString("latin1"));
const odd = [
  " ",
  ":",
  ":11434",
  ":80",
  "*",
  "null",
  "undefined",
  "[",
  "]",
  "[]",
  "[::1",
  "::1",
  "::1:11434",
  "-",
  "a".repeat(300),
];
const docker = [
  "docker.internal",
  "host.docker.internal.evil.example",
  "xhost.docker.internal",
  "gateway.docker.internal",
];
const hosts = [
  ...new Set([
    ...numbers,
    ...numbers.map((host) => `${host}:11434`),
    ...rebinding,
    ...twisted,
    ...local,
    ...letters,
    ...odd,
    ...docker,
  ]),
];

let provider: ScriptedProvider;
let daemon: TestDaemon;
beforeAll(async () => {
  provider = await startScriptedProvider(() => []);
  daemon = await startDaemon(perProtocol(provider.url));
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

const routes = listRoutes();

describe("S1: Host", () => {
  it("the corpus has 200 names and more", () => expect(hosts.length).toBeGreaterThanOrEqual(200));

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s answers to none of them",
    async (_name, { method, path }) => {
      daemon.log.length = 0;
      const sent = await Promise.all(
        hosts.map(async (host) => [
          host,
          (await send(method, daemon.url + path, undefined, { host })).status,
        ]),
      );
      expect(sent.filter(([, status]) => status !== 403)).toEqual([]);
      expect(daemon.log.filter(({ protocol }) => protocol !== undefined)).toEqual([]);
      expect(provider.seen).toEqual([]);
    },
  );

  it.each(["localhost", "LOCALHOST:1", "127.0.0.1:11434", "[::1]:11434", "host.docker.internal:11434"])(
    "%s is let in",
    async (host) =>
      expect((await send("GET", `${daemon.url}/api/version`, undefined, { host })).status).toBe(200),
  );

  it("a second Host header, in any spelling and order, is refused", async () => {
    for (const [one, two] of [
      ["localhost", "localhost"],
      ["localhost", "evil.example"],
      ["evil.example", "localhost"],
    ]) {
      for (const name of ["Host", "host", "HOST"]) {
        const said = await sendRaw(
          daemon.url,
          `GET /api/version HTTP/1.1\r\nHost: ${one}\r\n${name}: ${two}\r\nConnection: close\r\n\r\n`,
        );
        expect(statuses(said)).not.toContain(200);
      }
    }
  });

  it("a URL in place of a path is refused, whatever the Host header says", async () => {
    for (const target of [
      "http://evil.example/api/version",
      "http://localhost/api/version",
      "https://localhost:11434/api/version",
      "//evil.example/api/version",
      "http:///api/version",
      "api/version",
    ]) {
      const said = await sendRaw(
        daemon.url,
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      // A path that begins with two slashes is one, and tidied up as any other is (a group of that name).
      const expected = target.startsWith("//") ? 301 : /^https?:/.test(target) ? 403 : 400;
      expect([target, statuses(said)[0]]).toEqual([target, expected]);
    }
  });

  it("no Host at all is refused, nor is an empty one let in", async () => {
    for (const host of ["", " ", "\t"]) {
      const said = await sendRaw(daemon.url, `GET /api/version HTTP/1.1\r\nHost:${host}\r\n\r\n`);
      expect(statuses(said)).toEqual([403]);
    }
    expect(statuses(await sendRaw(daemon.url, "GET /api/version HTTP/1.1\r\n\r\n"))).toEqual([400]);
    expect(statuses(await sendRaw(daemon.url, "GET /api/version HTTP/1.0\r\n\r\n"))[0]).not.toBe(200);
  });

  it("is looked at on every bind", async () => {
    const open = await startDaemon(perProtocol(provider.url), { host: "0.0.0.0", dangerouslyOpen: true });
    const url = open.url.replace("0.0.0.0", "127.0.0.1");
    const ask = async (host: string): Promise<number> =>
      (await send("GET", `${url}/api/version`, undefined, { host })).status;
    expect(await Promise.all(["evil.example", "10.0.0.1", "127.0.0.1", "0.0.0.0"].map(ask))).toEqual([
      403, 403, 200, 200,
    ]);
    await open.close();
  });
});
