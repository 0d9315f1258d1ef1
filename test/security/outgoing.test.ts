import { lookup as lookUp } from "node:dns";
import { createServer as createSecure } from "node:https";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { allowsPrivate, createPublicLookup, type ManyLookup } from "../../server/private-names.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import { toUrl } from "../../server/to-url.ts";
import { isAmong, isPrivateAddress } from "../../server/addresses.ts";
import { adapters, findAdapter } from "../../adapters/index.ts";
import { startRawProvider, type RawProvider } from "../server/raw-provider.ts";
import { readFixture } from "../support/fixtures.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";
import { send } from "../support/send.ts";

const seed = Number(process.env.SEED ?? 20_261_121);
let state = seed;
/** A whole number below `below`: the same ones for the same seed. */
const next = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 4_294_967_296) * below);
};
const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;

const EVIL = "evil-canary.example";
const BODIES: Record<string, { path: string; body: Record<string, unknown> }> = {
  openai: { path: "/v1/chat/completions", body: { messages: [{ role: "user", content: "hi" }] } },
  "openai-responses": { path: "/v1/responses", body: { input: "hi" } },
  claude: { path: "/v1/messages", body: { max_tokens: 5, messages: [{ role: "user", content: "hi" }] } },
  gemini: {
    path: "/v1beta/models/{model}:generateContent",
    body: { contents: [{ parts: [{ text: "hi" }] }] },
  },
  ollama: { path: "/api/chat", body: { stream: false, messages: [{ role: "user", content: "hi" }] } },
};

describe("S11: nothing a client says changes where requests go, or with what headers", () => {
  // A client's base_url taken over in server/outgoing.ts, or a header passed on, turns this red.
  let provider: ScriptedProvider;
  let evil: RawProvider;
  let daemon: TestDaemon;
  beforeAll(async () => {
    provider = await startScriptedProvider(() => FINE);
    evil = await startRawProvider();
    const config = perProtocol(`${provider.url}/tenant/one`);
    daemon = await startDaemon(config);
  });
  afterAll(async () => {
    await daemon.close();
    await provider.close();
    await evil.close();
  });

  const KNOWN = new Set(
    "host connection content-type content-length accept accept-encoding user-agent authorization x-api-key x-goog-api-key anthropic-version anthropic-beta openai-beta".split(
      " ",
    ),
  );

  it("5,000 bodies, headers and paths", { timeout: 60_000 }, async () => {
    console.log(`seed ${seed}`);
    const targets = [
      evil.url,
      `http://${EVIL}`,
      `//${EVIL}`,
      "file:///etc/passwd",
      "http://169.254.169.254/",
      "",
    ];
    const fields =
      "api_base base_url baseUrl baseURL endpoint api_endpoint host proxy http_proxy api_key apiKey key keys headers extra_headers default_headers extra_body extra_query metadata provider providers custom_llm_provider litellm_params organization model_list url webhook callback callback_url user_config azure_endpoint vertex_project aws_region_name mock_response timeout options query".split(
        " ",
      );
    const headers =
      "api-base x-base-url x-api-base x-openai-base-url x-litellm-api-base x-provider x-forwarded-host x-forwarded-for x-forwarded-proto x-original-url x-rewrite-url forwarded via referer cookie proxy-authorization x-target-url openai-organization openai-project helicone-auth x-stainless-lang traceparent x-http-method-override te range if-none-match accept-language dnt priority x-real-ip x-amz-security-token metadata-flavor".split(
        " ",
      );
    const models = [
      `http://${EVIL}/v1`,
      `//${EVIL}`,
      "../../../etc/passwd",
      "..%2f..%2fadmin",
      "%2e%2e/%2e%2e/x",
      "..",
      ".",
      "a/../../b",
      "a/./b",
      "a\\..\\b",
      `a@${EVIL}`,
      `x?key=1&url=http://${EVIL}`,
      "x#frag",
      "x;y",
      "x%00y",
      "x%0d%0aevil: 1",
      "models/../../x",
      "tunedModels/../x",
      `${"a/".repeat(50)}..`,
      "model-a",
    ];
    const toField = (): unknown => {
      const value = pick(targets);
      return pick<unknown>([
        value,
        { url: value, base_url: value },
        { "x-evil": EVIL, authorization: EVIL },
        [value],
      ]);
    };
    const attack = async (): Promise<void> => {
      const protocol = pick(PROTOCOLS);
      const group = pick(PROTOCOLS);
      const model = pick(models);
      const { path, body } = BODIES[protocol] as (typeof BODIES)[string];
      const extra = Object.fromEntries(Array.from({ length: 4 }, () => [pick(fields), toField()]));
      const said = Object.fromEntries(
        Array.from({ length: 4 }, () => [pick(headers), pick([EVIL, evil.url, `http://${EVIL}`])]),
      );
      const inPath = next(2) === 0 ? encodeURIComponent(model) : model.replace(/[^!-~]/g, "");
      const query = next(3) === 0 ? `?api_base=${evil.url}&$httpHeaders=x-evil:${EVIL}&uploadType=x` : "";
      await send(
        "POST",
        `${daemon.url}/${group}${path.replace("{model}", inPath)}${query}`,
        JSON.stringify({ ...extra, ...body, model, ...(next(2) === 0 && { metadata: extra }) }),
        { "content-type": "application/json", "x-evil": EVIL, ...said },
      );
    };
    let left = 5000;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await attack();
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(evil.seen).toEqual([]);
    expect(provider.seen.length).toBeGreaterThan(1000);
    for (const { url, headers: sent } of provider.seen) {
      // Below the path that was configured, and nowhere else once the URL is read.
      expect(new URL(url, provider.url).pathname).toMatch(/^\/tenant\/one\/(?:v1|v1beta|api)\//);
      expect(new URL(url, provider.url).pathname).toBe(url.split("?")[0]);
      expect(sent.host).toBe(new URL(provider.url).host);
      expect(Object.keys(sent).filter((name) => !KNOWN.has(name))).toEqual([]);
      const { "content-length": _length, ...others } = sent;
      expect(JSON.stringify(others)).not.toContain(EVIL);
      const keys = [sent.authorization?.replace("Bearer ", ""), sent["x-api-key"], sent["x-goog-api-key"]];
      expect(keys.filter((key) => key !== undefined)).toEqual(["sk-test"]);
    }
  });

  it.each([
    "/v1/models/..",
    "/v1/models/%2e%2E",
    "/v1/./x",
    "/v1/a\\..\\b",
    "/v1/.%2e/admin",
    "/v1/models/..?a=b",
  ])("a path with dots in place of names is refused, whoever made it: %s", (path) => {
    const { provider: face } = findAdapter("openai") as Adapter;
    expect(() => toUrl("https://host.example/tenant/one/v1", path, face)).toThrow("cannot be");
    expect(toUrl("https://host.example/tenant/one/v1", "/v1/models/a..b/.c/d.", face)).toBe(
      "https://host.example/tenant/one/v1/models/a..b/.c/d.",
    );
  });

  it("S14: of a client's headers those pass that its protocol names, and of a provider's those that are ours to pass", async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x-fuzz-${at}`, EVIL]));
    const listed = {
      "anthropic-beta": "a-2026-01-01",
      "anthropic-version": "2023-06-01",
      "openai-beta": "assistants=v2",
      cookie: "session=1",
      "x-forwarded-for": "10.0.0.1",
      "proxy-authorization": "Basic eDp5",
    };
    for (const protocol of PROTOCOLS) {
      for (const group of PROTOCOLS) {
        provider.seen.length = 0;
        const { path, body } = BODIES[protocol] as (typeof BODIES)[string];
        for (const headers of [listed, many]) {
          await send(
            "POST",
            `${daemon.url}/${group}${path.replace("{model}", "m")}`,
            { model: "m", ...body },
            headers,
          );
        }
        const passed = findAdapter(group)?.provider.forwardHeaders ?? [];
        const face = Object.keys(findAdapter(group)?.provider.headers ?? {});
        for (const { headers } of provider.seen) {
          for (const name of [...Object.keys(listed), ...Object.keys(many)]) {
            if (headers[name] === undefined) continue;
            expect([...face, ...(group === protocol ? passed : [])]).toContain(name);
          }
        }
      }
    }
    expect(adapters.flatMap((adapter) => adapter.provider.forwardHeaders ?? []).sort()).toEqual([
      "anthropic-beta",
      "anthropic-version",
      "http-referer",
      "openai-beta",
      "openai-beta",
      "x-codex-beta-features",
      "x-openai-internal-codex-responses-lite",
      "x-title",
    ]);
  });

  it("S14: line breaks and NUL in a header's value end the connection", async () => {
    for (const value of ["a\rb", "a\nb", "a\0b", "a\r\nevil: 1"]) {
      provider.seen.length = 0;
      const { port } = new URL(daemon.url);
      const answer = await new Promise<string>((resolve) => {
        let text = "";
        const socket = connect(Number(port), "127.0.0.1", () =>
          socket.write(
            `POST /claude/v1/messages HTTP/1.1\r\nhost: localhost\r\nanthropic-beta: ${value}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`,
          ),
        );
        socket.on("data", (chunk) => (text += chunk.toString("latin1")));
        socket.on("close", () => resolve(text));
        socket.on("error", () => undefined);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(provider.seen).toEqual([]);
    }
  });
});

describe("what providers say", () => {
  let raw: RawProvider;
  let daemon: TestDaemon;
  beforeEach(async () => {
    raw = await startRawProvider();
    daemon = await startDaemon(perProtocol(raw.url));
    await daemon.storage.config.update((draft) => {
      draft.server.maxWaitMs = 0;
    });
  });
  afterEach(async () => {
    await daemon.close();
    await raw.close();
  });

  it.each(PROTOCOLS)("S13: a redirect is an error, and no key goes anywhere (%s)", async (protocol) => {
    // With redirects followed (ofetch's and undici's default), the key arrives at the second host.
    const other = await startRawProvider();
    const { path, body } = BODIES[protocol] as (typeof BODIES)[string];
    for (const status of [301, 302, 303, 307, 308]) {
      for (const location of [`${other.url}/steal`, "/elsewhere"]) {
        raw.seen.length = 0;
        raw.answer((_req, res) => res.writeHead(status, { location }).end());
        for (const stream of [true, false]) {
          const url = `${daemon.url}/${protocol}${path.replace("{model}", "m")}`;
          const sent = await send("POST", url, { model: "m", ...body, stream });
          expect([sent.status, sent.headers.location]).toEqual([502, undefined]);
          await daemon.wake();
        }
        const before = raw.seen.length;
        await send("GET", `${daemon.url}/${protocol}/v1/models`);
        await send("POST", `${daemon.url}/${protocol}/v1/embeddings`, { model: "m", input: "x" });
        await send("POST", `${daemon.url}/${protocol}/api/show`, { model: "m" });
        await send("POST", `${daemon.url}/${protocol}/api/pull`, { model: "m" });
        expect(raw.seen.length).toBeGreaterThanOrEqual(before);
        expect(raw.seen.map(({ url: asked }) => asked).filter((asked) => asked === "/elsewhere")).toEqual([]);
        await daemon.wake();
      }
    }
    expect(other.seen).toEqual([]);
    await other.close();
  });

  it.each(PROTOCOLS)("S14: a provider's headers do not reach the client (%s)", async (protocol) => {
    const { path, body } = BODIES[protocol] as (typeof BODIES)[string];
    const evil = {
      "set-cookie": "a=b",
      "x-powered-by": EVIL,
      "access-control-allow-origin": "*",
      "x-forwarded-for": EVIL,
      "proxy-authenticate": "Basic",
      "www-authenticate": "Basic",
      "content-security-policy": "default-src *",
      location: `http://${EVIL}`,
      refresh: `0;url=http://${EVIL}`,
      server: EVIL,
      "alt-svc": EVIL,
      link: EVIL,
      "clear-site-data": "*",
      "strict-transport-security": "max-age=1",
      te: "trailers",
    };
    for (const status of [200, 400, 401, 429, 500]) {
      raw.answer((_req, res) =>
        res.writeHead(status, { "content-type": "application/json", ...evil }).end("{}"),
      );
      for (const stream of [true, false]) {
        const sent = await send("POST", `${daemon.url}/${protocol}${path.replace("{model}", "m")}`, {
          model: "m",
          ...body,
          stream,
        });
        expect(Object.keys(sent.headers).filter((name) => name in evil)).toEqual([]);
        await daemon.wake();
      }
    }
  });

  it("S21: a bomb is not unpacked where nobody asked for packed answers, and counted where fetch unpacks it", async () => {
    // 200 MB of nothing in 200 KB.
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
    const nested = gzipSync(gzipSync(gzipSync(bomb)));
    global.gc?.();
    const before = process.memoryUsage().rss;
    for (const [encoding, bytes] of [
      ["gzip", bomb],
      ["gzip, gzip", nested],
      ["br", bomb],
    ] as const) {
      raw.answer((_req, res) =>
        res.writeHead(200, { "content-type": "application/json", "content-encoding": encoding }).end(bytes),
      );
      for (const protocol of PROTOCOLS) {
        const { path, body } = BODIES[protocol] as (typeof BODIES)[string];
        for (const stream of [true, false]) {
          const url = `${daemon.url}/${protocol}${path.replace("{model}", "m")}`;
          expect((await send("POST", url, { model: "m", ...body, stream })).status).toBe(502);
          await daemon.wake();
        }
      }
      const embedded = await send("POST", `${daemon.url}/openai/v1/embeddings`, { model: "m", input: "x" });
      expect(embedded.status).toBe(502);
      await daemon.wake();
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });
});

describe("S12: private addresses", () => {
  const privates =
    "127.0.0.1 127.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1 100.64.0.1 100.100.100.200 100.127.255.255 0.0.0.0 0.1.2.3 192.0.0.1 198.18.0.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 febf::1 fc00::1 fd00::1 fd00:ec2::254 ff02::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe 0:0:0:0:0:ffff:7f00:1 64:ff9b::7f00:1 64:ff9b::169.254.169.254 64:ff9b:1::1 [::1] [::ffff:192.168.0.1]".split(
      " ",
    );
  const publics =
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.1.1 172.15.0.1 172.32.0.1 192.167.1.1 192.169.1.1 223.255.255.255 2606:4700::1111 2001:4860:4860::8888 ::ffff:8.8.8.8 64:ff9b::808:808 [2606:4700::1111]".split(
      " ",
    );

  it.each(privates)("%s is private", (address) => expect(isPrivateAddress(address)).toBe(true));
  it.each(publics)("%s is public", (address) => expect(isPrivateAddress(address)).toBe(false));

  it("a key's networks are read as they are written", () => {
    expect(isAmong("10.1.2.3", ["10.0.0.0/8"])).toBe(true);
    expect(isAmong("::ffff:10.1.2.3", ["10.0.0.0/8"])).toBe(true);
    expect(isAmong("11.0.0.1", ["10.0.0.0/8"])).toBe(false);
    expect(isAmong("fd00::5", ["fd00::/16"])).toBe(true);
    for (const wrong of [["10.0.0.0/99"], ["nonsense"], [""], [], ["10.0.0.0/x"], ["/"]])
      expect(isAmong("10.1.2.3", wrong)).toBe(false);
    expect(isAmong(undefined, ["0.0.0.0/0"])).toBe(false);
  });

  it.each([
    ["http://127.0.0.1:1", true],
    ["http://[::1]:1", true],
    ["http://2130706433", true],
    ["http://0x7f.1", true],
    ["http://192.168.1.9:11434", true],
    ["http://localhost:1234", true],
    ["http://ollama:11434", true],
    ["http://host.docker.internal:11434", true],
    ["http://nas.local", true],
    ["http://gpu.tail1234.ts.net", true],
    ["https://api.openai.com/v1", false],
    ["https://8.8.8.8", false],
    ["http://local.evil.example", false],
    ["http://127.0.0.1.nip.io", false],
    ["http://localhost.evil.example", false],
  ])("%s may by itself lead to one: %s", (baseUrl, expected) => {
    expect(allowsPrivate({ protocol: "openai", baseUrl })).toBe(expected);
    expect(allowsPrivate({ protocol: "openai", baseUrl, allowPrivate: !expected })).toBe(!expected);
  });

  const chat = { model: "m", messages: [{ role: "user", content: "hi" }] };

  it("a public name that leads there is not connected to, also when it changes its mind", async () => {
    // Without the look-up in server/private-names.ts the provider is reached.
    const raw = await startRawProvider();
    raw.answer((_req, res) => res.end("{}"));
    const { port } = new URL(raw.url);
    let answers: { address: string; family: number }[][] = [];
    let asked = 0;
    const lookup: ManyLookup = (_name, _options, callback) => {
      asked++;
      callback(null, answers.length > 1 ? (answers.shift() as never) : (answers[0] as never));
    };
    const baseUrl = `http://rebind.example:${port}`;
    const daemon = await startDaemon(
      {
        providers: {
          chat: { protocol: "openai", baseUrl, keys: ["sk-canary"] },
          trusted: { protocol: "openai", baseUrl, allowPrivate: true },
          never: { protocol: "openai", baseUrl: raw.url, allowPrivate: false },
        },
        groups: {
          default: { models: { m: "chat/m" } },
          trusted: { models: { m: "trusted/m" } },
          never: { models: { m: "never/m" } },
        },
      },
      { lookup },
    );
    const v4 = (address: string) => ({ address, family: 4 });
    for (const found of [
      [[v4("127.0.0.1")]],
      [[{ address: "::1", family: 6 }]],
      [[{ address: "::ffff:127.0.0.1", family: 6 }]],
      [[v4("169.254.169.254")]],
      [[v4("203.0.113.1"), v4("127.0.0.1")]],
      [[v4("127.0.0.1"), v4("203.0.113.1")]],
    ]) {
      answers = found;
      const sent = await send("POST", `${daemon.url}/v1/chat/completions`, chat);
      expect([sent.status, sent.text]).toEqual([502, expect.stringContaining("private address")]);
      await daemon.wake();
      await send("GET", `${daemon.url}/v1/models`);
      const embedded = await send("POST", `${daemon.url}/v1/embeddings`, { model: "m", input: "x" });
      expect(embedded.text).toContain("private address");
      await daemon.wake();
    }
    expect(asked).toBeGreaterThan(6);
    expect(raw.seen).toEqual([]);
    const never = await send("POST", `${daemon.url}/never/v1/chat/completions`, chat);
    expect([never.status, never.text]).toEqual([502, expect.stringContaining("private address")]);
    expect(raw.seen).toEqual([]);
    await daemon.close();
    await raw.close();
  });

  it("the address that was looked at is the one that is connected to", async () => {
    const seen: unknown[] = [];
    const once: ManyLookup = (_name, _options, callback) =>
      callback(null, [{ address: "203.0.113.7", family: 4 }]);
    createPublicLookup(once)("a.example", {}, (...all) => seen.push(all));
    createPublicLookup(once)("a.example", { all: true }, (...all) => seen.push(all));
    expect(seen).toEqual([
      [null, "203.0.113.7", 4],
      [null, [{ address: "203.0.113.7", family: 4 }], 0],
    ]);
    // The machine's own look-up fits.
    expect(typeof createPublicLookup(lookUp)).toBe("function");
  });

  it("an image's URL is passed on as it is, and asked for by nobody here", async () => {
    const picture = await startRawProvider();
    const provider = await startScriptedProvider(() => [
      { type: "start" },
      { type: "text-delta", text: "seen" },
      { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 1 } },
    ]);
    const daemon = await startDaemon(perProtocol(provider.url));
    const url = `${picture.url}/a.png`;
    const asks: [string, unknown][] = [
      [
        "/v1/chat/completions",
        { model: "m", messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] },
      ],
      [
        "/v1/messages",
        {
          model: "m",
          max_tokens: 5,
          messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url } }] }],
        },
      ],
      [
        "/v1/responses",
        { model: "m", input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }] },
      ],
    ];
    for (const group of PROTOCOLS)
      for (const [path, body] of asks) await send("POST", `${daemon.url}/${group}${path}`, body);
    expect(provider.seen.length).toBeGreaterThan(5);
    expect(provider.seen.filter(({ text }) => text.includes(url)).length).toBeGreaterThan(5);
    expect(picture.seen).toEqual([]);
    await daemon.close();
    await provider.close();
    await picture.close();
  });
});

describe("S15: certificates and proxies", () => {
  const seen: IncomingMessage[] = [];
  const secure = createSecure(
    { key: readFixture("tls/key.pem"), cert: readFixture("tls/localhost.pem") },
    (req, res) => {
      seen.push(req);
      res.writeHead(200, { "content-type": "application/json" }).end('{"data":[{"id":"x"}]}');
    },
  );
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      secure.listen(0, "127.0.0.1", resolve);
    });
    ({ port } = secure.address() as AddressInfo);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    secure.close();
  });
  const chat = { model: "m", messages: [{ role: "user", content: "hi" }] };

  it.each([undefined, "0"])(
    "one that nobody vouches for is refused, NODE_TLS_REJECT_UNAUTHORIZED=%s",
    async (value) => {
      // With rejectUnauthorized left to Node, the second of these reaches the server.
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", value);
      const proxy = await startTunnel();
      for (const extra of [{}, { proxy: proxy.url }]) {
        const daemon = await startDaemon({
          providers: {
            p: { protocol: "openai", baseUrl: `https://localhost:${port}`, keys: ["sk-canary"], ...extra },
          },
          groups: { default: { models: { m: "p/m" } } },
        });
        const sent = await send("POST", `${daemon.url}/v1/chat/completions`, chat);
        expect([sent.status, sent.text]).toEqual([502, expect.stringContaining("self-signed")]);
        expect((await send("POST", `${daemon.url}/v1/embeddings`, { model: "m", input: "x" })).status).toBe(
          502,
        );
        await daemon.close();
      }
      expect(proxy.asked).toContain(`localhost:${port}`);
      expect(seen).toEqual([]);
      await proxy.close();
      vi.unstubAllEnvs();
    },
  );

  it("one of an authority named in caFile is taken, with a proxy on the way or without", async () => {
    const proxy = await startTunnel();
    const caFile = fileURLToPath(new URL("../../fixtures/tls/localhost.pem", import.meta.url));
    for (const extra of [{}, { proxy: proxy.url }]) {
      const daemon = await startDaemon({
        providers: {
          p: {
            protocol: "openai",
            baseUrl: `https://localhost:${port}`,
            keys: ["sk-canary"],
            caFile,
            ...extra,
          },
          wrong: { protocol: "openai", baseUrl: `https://127.0.0.1:${port}`, caFile, ...extra },
        },
        groups: { default: { models: { m: "p/m" } }, wrong: { models: { m: "wrong/m" } } },
      });
      seen.length = 0;
      await send("POST", `${daemon.url}/v1/chat/completions`, chat);
      expect(seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer sk-canary"]);
      const other = await send("POST", `${daemon.url}/wrong/v1/chat/completions`, chat);
      expect([other.status, other.text]).toEqual([502, expect.stringContaining("another host")]);
      await daemon.close();
    }
    expect(proxy.asked).toEqual([`localhost:${port}`, `127.0.0.1:${port}`]);
    await proxy.close();
  });
});

/** An HTTP proxy that tunnels wherever it is asked to. */
async function startTunnel(): Promise<{ url: string; asked: string[]; close: () => Promise<void> }> {
  const asked: string[] = [];
  const server = createServer((_req, res) => res.writeHead(405).end());
  server.on("connect", (req, client) => {
    asked.push(req.url ?? "");
    const { hostname, port } = new URL(`http://${req.url}`);
    const target = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    target.on("error", () => client.destroy());
    client.on("error", () => target.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
