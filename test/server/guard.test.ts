import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { guard, isPublicBind } from "../../server/guard.ts";
import type { ServerConfig } from "../../storage/types.ts";

const server = (changes: Partial<ServerConfig> = {}): ServerConfig => ({
  host: "127.0.0.1",
  port: 11434,
  ollamaOpen: true,
  ...changes,
});
const ask = (headers: Record<string, string | undefined>, config = server(), method = "POST") =>
  guard({ method, url: "/api/tags", headers: { host: "localhost:11434", ...headers } }, config);

const KNOWN_HOSTS = [
  "localhost",
  "localhost:11434",
  "LOCALHOST:11434",
  "127.0.0.1",
  "127.0.0.1:11434",
  "127.0.0.1:80",
  "[::1]",
  "[::1]:11434",
  "host.docker.internal",
  "host.docker.internal:11434",
  hostname(),
  `${hostname().toUpperCase()}:11434`,
];

const UNKNOWN_HOSTS = [
  undefined,
  "",
  ":11434",
  " ",
  "evil.example",
  "evil.example:11434",
  "localhost.evil.example",
  "localhost.evil.example:11434",
  "evil.localhost",
  "foo.localhost:11434",
  "localhost.localdomain",
  "localhost.",
  "localhost.:11434",
  "localhosts",
  "xlocalhost",
  "local",
  "my.local",
  "router.internal",
  "ccproxy.internal:11434",
  "127.0.0.1.",
  "127.0.0.1.nip.io",
  "127-0-0-1.rebind.example",
  "7f000001.c0a80001.rbndr.us",
  "make-127-0-0-1-rr.1u.ms",
  "127.0.0.1.evil.example:11434",
  "127.0.0.2",
  "127.1",
  "127.1:11434",
  "2130706433",
  "2130706433:11434",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "017700000001",
  "0",
  "0.0.0.0",
  "0.0.0.0:11434",
  "[::]",
  "[::]:11434",
  "::1",
  "::1:11434",
  "[::1",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]:11434",
  "[::1%25lo]",
  "192.168.1.10",
  "10.0.0.1:11434",
  "169.254.169.254",
  "user@localhost",
  "localhost@evil.example",
  "localhost:11434@evil.example",
  "localhost:11434:80",
  "localhost:port",
  "localhost:",
  "localhost:11434/evil",
  "localhost,evil.example",
  "localhost, localhost",
  "localhost evil.example",
  "http://localhost:11434",
  "lоcalhost",
  "ⓛocalhost",
  "xn--lcalhost-e5g",
  "localhost%00.evil.example",
  "docker.internal",
  "host.docker.internal.evil.example",
];

const KNOWN_ORIGINS = [
  "http://localhost",
  "http://localhost:3000",
  "https://localhost",
  "https://localhost:11434",
  "http://127.0.0.1",
  "http://127.0.0.1:8080",
  "https://127.0.0.1:8080",
  "http://[::1]",
  "http://[::1]:5173",
  "app://obsidian.md",
  "file://",
  "tauri://localhost",
  "vscode-webview://1abcdef",
  "vscode-file://vscode-app",
];

const UNKNOWN_ORIGINS = [
  "",
  "null",
  "*",
  "https://evil.example",
  "http://evil.example:11434",
  "http://localhost.evil.example",
  "http://localhost.evil.example:3000",
  "http://localhost:3000.evil.example",
  "http://localhostevil.example",
  "http://evil-localhost",
  "http://evil.example/localhost",
  "http://evil.example#http://localhost",
  "http://localhost:3000@evil.example",
  "http://localhost@evil.example",
  "http://localhost.",
  "http://localhost:",
  "http://localhost/",
  "http://localhost:3000/",
  "http://foo.localhost",
  "http://127.0.0.1.nip.io",
  "http://127.0.0.1.evil.example",
  "http://127.0.0.2",
  "http://127.1",
  "http://2130706433",
  "http://0x7f000001",
  "http://0.0.0.0",
  "http://0.0.0.0:11434",
  "http://[::]",
  "http://[::ffff:127.0.0.1]",
  "http://192.168.1.10:11434",
  "http://host.docker.internal",
  "ftp://localhost",
  "ws://localhost",
  "localhost",
  "//localhost",
  "http:/localhost",
  "http://lоcalhost",
  "http://LOCALHOST.EVIL.EXAMPLE",
  "http://localhost http://evil.example",
  "http://localhost, http://evil.example",
  "http://localhost\u0000.evil.example",
  "http://localhost\n",
  "chrome-extension://abcdefghijklmnop",
  "moz-extension://1-2-3",
  "data://x",
  "blob:http://localhost",
  "about:blank",
  "xapp://obsidian.md",
  "https://app.example.evil.example",
];

describe("guard: Host", () => {
  it.each(KNOWN_HOSTS)("lets %s in", (host) => {
    expect(ask({ host })).toEqual({ kind: "pass" });
  });

  it.each(UNKNOWN_HOSTS)("keeps %s out", (host) => {
    expect(ask({ host })).toMatchObject({
      kind: "refuse",
      reason: expect.stringContaining("server.hosts") as string,
    });
  });

  it("does not depend on the address the daemon is bound to", () => {
    for (const bound of ["0.0.0.0", "::", "192.168.1.10"]) {
      const config = server({ host: bound });
      expect(ask({ host: "evil.example" }, config).kind).toBe("refuse");
      expect(ask({ host: "10.0.0.9:11434" }, config).kind).toBe("refuse");
      expect(ask({ host: "localhost:11434" }, config).kind).toBe("pass");
    }
    expect(ask({ host: "192.168.1.10:11434" }, server({ host: "192.168.1.10" })).kind).toBe("pass");
    expect(ask({ host: "[fd00::1]:11434" }, server({ host: "fd00::1" })).kind).toBe("pass");
  });

  it("knows the names that were configured", () => {
    const config = server({ hosts: ["Proxy.lan"] });
    expect(ask({ host: "proxy.lan:11434" }, config).kind).toBe("pass");
    expect(ask({ host: "x.proxy.lan" }, config).kind).toBe("refuse");
  });

  it("asks an unknown Host nothing more, whatever its Origin", () => {
    expect(ask({ host: "evil.example", origin: "http://localhost" }).kind).toBe("refuse");
  });
});

describe("guard: Origin", () => {
  it.each(KNOWN_ORIGINS)("lets %s in and names it, never a wildcard", (origin) => {
    expect(ask({ origin })).toEqual({
      kind: "pass",
      cors: { "access-control-allow-origin": origin, vary: "Origin" },
    });
  });

  it.each(UNKNOWN_ORIGINS)("keeps %j out, simple requests and preflights alike", (origin) => {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const headers = { origin, "access-control-request-method": "POST", "sec-fetch-site": "same-origin" };
      expect(ask(headers, server(), method)).toMatchObject({
        kind: "refuse",
        reason: expect.stringContaining("server.origins") as string,
      });
    }
  });

  it("takes what was configured, exactly", () => {
    const config = server({ origins: ["https://app.example"] });
    expect(ask({ origin: "https://app.example" }, config).kind).toBe("pass");
    for (const origin of [
      "https://app.example:444",
      "http://app.example",
      "https://app.example.evil.example",
    ]) {
      expect(ask({ origin }, config).kind).toBe("refuse");
    }
  });

  it("answers the preflight of a known origin, and of no other method than OPTIONS", () => {
    const origin = "http://localhost:3000";
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-api-key",
    };
    expect(ask(headers, server(), "OPTIONS")).toMatchObject({
      kind: "preflight",
      cors: {
        "access-control-allow-origin": origin,
        "access-control-allow-headers": "content-type,x-api-key",
      },
    });
    expect(ask(headers, server(), "POST").kind).toBe("pass");
    expect(ask({ origin }, server(), "OPTIONS").kind).toBe("pass");
  });
});

describe("guard: no Origin", () => {
  it("lets programs pass, without any word about CORS", () => {
    expect(ask({})).toEqual({ kind: "pass" });
    expect(ask({ "content-type": "application/x-www-form-urlencoded" })).toEqual({ kind: "pass" });
  });

  it.each([
    ["cross-site", "refuse"],
    ["same-site", "refuse"],
    ["same-origin", "pass"],
    ["none", "pass"],
  ])("Sec-Fetch-Site %s: %s", (site, kind) => {
    expect(ask({ "sec-fetch-site": site }, server(), "GET").kind).toBe(kind);
  });
});

describe("isPublicBind", () => {
  it.each([
    ["127.0.0.1", false],
    ["127.0.0.53", false],
    ["localhost", false],
    ["::1", false],
    ["0.0.0.0", true],
    ["::", true],
    ["", true],
    ["192.168.1.10", true],
    ["127.evil.example", true],
    ["localhost.evil.example", true],
  ])("of %j is %s", (host, isPublic) => {
    expect(isPublicBind(host)).toBe(isPublic);
  });
});
