import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { perProtocol, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { listRoutes } from "../support/route-list.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";
import { send } from "../support/send.ts";

// S2: which web pages may call. Without the look at Origin in server/guard.ts the posts below reach the provider.
const hostnames = [
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.nip.io",
  "192.168.1.10",
  "0.0.0.0",
  "[::]",
];
const origins = [
  "null",
  "",
  "*",
  ...hostnames.flatMap((host) => [`http://${host}`, `https://${host}`, `http://${host}:11434`]),
  ...["localhost", "127.0.0.1", "[::1]"].flatMap((host) => [
    `ftp://${host}`,
    `ws://${host}`,
    `http://${host}.`,
    `http://${host}/`,
    `http://x.${host}`,
    `http://${host}@evil.example`,
    `http://${host}:1@evil.example`,
    `http://${host},http://evil.example`,
    `http://${host} http://evil.example`,
    `xhttp://${host}`,
    `http:${host}`,
    host,
  ]),
  "chrome-extension://abcdefghijklmnop",
  "moz-extension://1-2-3",
  "about:blank",
  "data:text/html,x",
  "blob:http://localhost",
];
const sites = ["cross-site", "same-site"];
const forms = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json",
];

let provider: ScriptedProvider;
let daemon: TestDaemon;
beforeAll(async () => {
  provider = await startScriptedProvider(() => FINE);
  daemon = await startDaemon(perProtocol(provider.url));
});
afterEach(() => expect(provider.seen).toEqual([]));
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

const routes = listRoutes();
const body = JSON.stringify({
  model: "model-a",
  max_tokens: 5,
  input: "hi",
  messages: [{ role: "user", content: "hi" }],
  contents: [{ parts: [{ text: "hi" }] }],
});

describe("S2: web pages", () => {
  it("the corpus has 60 origins and more", () => expect(origins.length).toBeGreaterThanOrEqual(60));

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s: no foreign page gets a word, nor costs a call",
    async (_name, { method, path, protocol }) => {
      const url = daemon.url + (protocol === "own" ? path : `/${protocol}${path}`);
      const asks = [
        ...origins.flatMap((origin) => [
          send(method, url, method === "POST" ? body : undefined, { origin, "content-type": "text/plain" }),
          send("OPTIONS", url, undefined, { origin, "access-control-request-method": method }),
          send("GET", url, undefined, { origin, connection: "Upgrade", upgrade: "websocket" }),
        ]),
        ...sites.flatMap((site) =>
          forms.map((type) =>
            send(method, url, method === "POST" ? body : undefined, {
              "sec-fetch-site": site,
              "sec-fetch-mode": "no-cors",
              "content-type": type,
            }),
          ),
        ),
      ];
      for (const { status, headers, text } of await Promise.all(asks)) {
        expect([status, text]).toEqual([403, ""]);
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    },
  );

  it("programs without an Origin are served, whatever they say the body is", async () => {
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json"]) {
      const sent = await send("POST", `${daemon.url}/openai/v1/chat/completions`, body, {
        "content-type": type,
      });
      expect(sent.status).toBe(200);
      expect(Object.keys(sent.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
    expect(provider.seen.splice(0)).toHaveLength(3);
  });

  it("an allowed page is named, never a wildcard, and a private network's preflight is not invited", async () => {
    for (const origin of ["http://localhost:3000", "app://obsidian.md", "vscode-webview://abc"]) {
      const { headers } = await send("OPTIONS", `${daemon.url}/api/chat`, undefined, {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-private-network": "true",
      });
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
      expect(headers["access-control-allow-private-network"]).toBeUndefined();
    }
  });

  it("what the daemon says about itself is for no page, allowed or not", async () => {
    const token = await daemon.storage.adminToken();
    await daemon.storage.config.update((draft) => {
      draft.server.origins = ["https://app.example"];
    });
    for (const { method, path } of routes.filter(({ protocol }) => protocol === "own")) {
      for (const origin of ["http://localhost:3000", "app://obsidian.md", "https://app.example"]) {
        const sent = await send(method, daemon.url + path, undefined, {
          origin,
          authorization: `Bearer ${token}`,
        });
        expect([path, origin, sent.status]).toEqual([path, origin, 403]);
      }
      const own = await send(method, daemon.url + path, undefined, { authorization: `Bearer ${token}` });
      // One that wants a body says so; it was let in.
      expect([200, 400], path).toContain(own.status);
    }
  });

  it("an upgrade to a WebSocket is answered like any other request", async () => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "x",
      "sec-websocket-version": "13",
    };
    expect((await send("GET", `${daemon.url}/api/version`, undefined, headers)).status).toBe(200);
  });
});
