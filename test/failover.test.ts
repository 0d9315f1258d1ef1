import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { GatewayError } from "../adapters/errors.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { Config, ProviderConfig } from "../storage/types.ts";
import { ask, askResult, userText } from "./support/ask.ts";
import { PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import {
  sendEvents,
  startScriptedProvider,
  type Script,
  type ScriptedProvider,
  type SeenRequest,
} from "./support/scripted-provider.ts";

/** A key or a provider that fails before it has begun to answer is not the client's concern, as long as another can. */
type Failure = (res: ServerResponse) => void;

const answer: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "served" },
  { type: "finish", reason: "stop", usage: { inputTokens: 1, outputTokens: 1 } },
];
const request = (stream: boolean): UnifiedRequest => ({
  model: "model-a",
  messages: [userText("hi")],
  stream,
});

let provider: ScriptedProvider;
/** What keys are answered with in place of an answer. */
let failing = new Map<string, Failure>();
let takeOver: Script | undefined;
let daemon: TestDaemon;
let refused: string;

beforeAll(async () => {
  provider = await startScriptedProvider((asked, raw) => {
    if (takeOver) return takeOver(asked, raw);
    const fail = failing.get(keyOf(raw.call.headers));
    if (!fail) return answer;
    fail(raw.res);
    return undefined;
  });
  refused = await closedPort();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.seen.length = 0;
  failing = new Map();
  takeOver = undefined;
});
afterEach(() => daemon.close());

const keyOf = (headers: Record<string, unknown>): string =>
  String(headers["x-api-key"] ?? headers["x-goog-api-key"] ?? headers.authorization ?? "").replace(
    "Bearer ",
    "",
  );
const keysSeen = (): string[] => provider.seen.map((seen: SeenRequest) => keyOf(seen.headers));

const status =
  (
    code: number,
    headers: Record<string, string> = {},
    body = `{"error":{"message":"says ${code}"}}`,
  ): Failure =>
  (res) =>
    void res.writeHead(code, { "content-type": "application/json", ...headers }).end(body);
const reset: Failure = (res) => void res.socket?.resetAndDestroy();
const close: Failure = (res) => void res.socket?.end();
const silent: Failure = () => undefined;

/** One provider of every protocol with these keys, and a group for each. */
async function startWith(keys: string[], more: Partial<ProviderConfig> = {}): Promise<void> {
  const providers: Config["providers"] = {};
  const groups: Config["groups"] = {};
  for (const protocol of PROTOCOLS) {
    providers[protocol] = { protocol, baseUrl: provider.url, keys, ...more };
    groups[protocol] = { models: { "*": `${protocol}/*` }, strategy: "round-robin" };
  }
  daemon = await startDaemon({ providers, groups });
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

/** A port that was free a moment ago: nothing listens there. */
async function closedPort(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return url;
}

const FAILURES: [string, Failure][] = [
  ...[401, 402, 403, 408, 429, 500, 502, 503, 504, 520, 529].map(
    (code) => [`HTTP ${code}`, status(code)] as [string, Failure],
  ),
  ["a page in place of an answer", status(500, { "content-type": "text/html" }, "<html>bad gateway</html>")],
  ["a reset before any header", reset],
  ["a close before any header", close],
  ["an empty body", (res) => void res.writeHead(200, { "content-type": "application/json" }).end()],
  [
    "a page with status 200",
    (res) => void res.writeHead(200, { "content-type": "text/html" }).end("<html>sign in</html>"),
  ],
];

describe.each([true, false])("streamed: %s", (stream) => {
  it.each(FAILURES)(
    "one key answers with %s: another serves, and the client sees nothing of it",
    async (_name, fail) => {
      await startWith(["good-1", "bad-1", "good-2"]);
      failing.set("bad-1", fail);
      for (const target of PROTOCOLS) {
        const client: ProtocolName = target === "openai" ? "claude" : target;
        provider.seen.length = 0;
        // As many requests as there are keys: one of them meets the bad one first.
        for (const _turn of [1, 2, 3]) {
          const asked = await ask(`${daemon.url}/${target}`, client, request(stream));
          expect([asked.status, asked.text], target).toEqual([200, expect.stringContaining("served")]);
          expect(asked.events.at(-1)).toMatchObject({ type: "finish", reason: "stop" });
        }
        expect(keysSeen().filter((key) => key === "bad-1")).toHaveLength(1);
        expect(provider.seen).toHaveLength(4);
        await fetchStatus("DELETE", "/admin/cooldowns");
      }
    },
  );

  it.each(PROTOCOLS)("the first provider is not there: the next target serves (%s)", async (target) => {
    const base = { protocol: target, keys: ["k"] };
    daemon = await startDaemon({
      providers: {
        gone: { ...base, baseUrl: refused },
        nowhere: { ...base, baseUrl: "http://no-such-host.invalid" },
        here: { ...base, baseUrl: provider.url },
      },
      groups: { default: { models: { "*": ["gone/*", "nowhere/*", "here/*"] } } },
    });
    for (const client of PROTOCOLS) {
      const result = await askResult(daemon.url, client, request(stream));
      expect(result.content).toEqual([{ type: "text", text: "served" }]);
    }
    expect(provider.seen).toHaveLength(5);
  });

  it.each(PROTOCOLS)("a provider that does not begin in time: the next one serves (%s)", async (target) => {
    await startWith(["bad-1", "good-1"], { timeouts: { firstEvent: 150 } });
    failing.set("bad-1", silent);
    const result = await askResult(`${daemon.url}/${target}`, "claude", request(stream));
    expect(result.content).toEqual([{ type: "text", text: "served" }]);
    expect(keysSeen()).toEqual(["bad-1", "good-1"]);
  });

  it.each([400, 404, 413, 422, 405, 409])(
    "HTTP %i is the client's own doing: nobody else is asked",
    async (code) => {
      await startWith(["a", "b"]);
      for (const key of ["a", "b"]) failing.set(key, status(code));
      for (const target of PROTOCOLS) {
        for (const client of [target, "claude"] as const) {
          provider.seen.length = 0;
          const asked = await ask(`${daemon.url}/${target}`, client, request(stream));
          expect([asked.status, asked.text]).toEqual([
            expect.any(Number),
            expect.stringContaining(`says ${code}`),
          ]);
          expect(asked.status).toBeGreaterThanOrEqual(400);
          expect(asked.status).toBeLessThan(500);
          expect(provider.seen).toHaveLength(1);
        }
      }
    },
  );

  it("all keys fail: the client is told the last failure, in its own words, after three tries at most", async () => {
    const keys = ["a", "b", "c", "d", "e", "f"];
    for (const key of keys) failing.set(key, status(503));
    for (const client of PROTOCOLS) {
      // Each for itself: all together would use up what a provider has to bear.
      await startWith(keys);
      provider.seen.length = 0;
      const asked = await ask(`${daemon.url}/openai`, client, request(stream));
      expect([asked.status, asked.text]).toEqual([
        client === "claude" ? 529 : 503,
        expect.stringContaining("says 503"),
      ]);
      expect(asked.headers.get("content-type")).toContain("application/json");
      expect(new Set(keysSeen()).size).toBe(3);
      await daemon.close();
    }
  });

  it.each(PROTOCOLS)("a key that has no value is passed over (%s)", async (target) => {
    await startWith(["env:CCPROXY_TEST_NO_SUCH_VARIABLE", "good-1"]);
    for (const _turn of [1, 2]) {
      const result = await askResult(`${daemon.url}/${target}`, target, request(stream));
      expect(result.content).toEqual([{ type: "text", text: "served" }]);
    }
    expect(keysSeen()).toEqual(["good-1", "good-1"]);
  });
});

it.each(PROTOCOLS)(
  "trap 40: an error as the first thing of a 200 stream goes unseen where another can serve (%s)",
  async (target) => {
    await startWith(["bad-1", "good-1"]);
    takeOver = (asked, { res, face, call }) => {
      const error = new GatewayError("overloaded", "too busy now");
      const events: StreamEvent[] = keyOf(call.headers) === "bad-1" ? [{ type: "error", error }] : answer;
      sendEvents(res, face, call, asked, events);
      return undefined;
    };
    for (const client of PROTOCOLS) {
      provider.seen.length = 0;
      const asked = [];
      for (const _turn of [1, 2]) asked.push(await ask(`${daemon.url}/${target}`, client, request(true)));
      expect(asked.map((one) => one.status)).toEqual([200, 200]);
      expect(asked.map((one) => one.text).join()).not.toContain("too busy");
      expect(provider.seen).toHaveLength(3);
    }
  },
);

it.each(PROTOCOLS)(
  "after the first word nobody else is asked: the error ends the stream (%s)",
  async (target) => {
    await startWith(["a", "b", "c"]);
    takeOver = (asked, { res, face, call }) => {
      const error = new GatewayError("overloaded", "too busy now");
      const begun: StreamEvent[] = [{ type: "start" }, { type: "text-delta", text: "begun" }];
      sendEvents(res, face, call, asked, [...begun, { type: "error", error }]);
      return undefined;
    };
    for (const client of PROTOCOLS) {
      provider.seen.length = 0;
      const asked = await ask(`${daemon.url}/${target}`, client, request(true));
      expect(asked.status).toBe(200);
      expect(JSON.stringify(asked.events)).toContain("begun");
      const last = asked.events.at(-1);
      expect(last?.type === "error" && last.error.message).toContain("too busy now");
      expect(provider.seen).toHaveLength(1);
    }
  },
);

describe("cooldowns", () => {
  const chat = () => askResult(`${daemon.url}/openai`, "claude", request(true));

  it.each([
    ["retry-after", "60", 60_000],
    ["retry-after-ms", "2500", 2500],
  ])("%s rests the key for as long as it says, and no other", async (header, value, ms) => {
    await startWith(["a", "b", "c"]);
    failing.set("b", status(429, { [header]: value }));
    for (let turn = 0; turn < 9; turn++) await chat();
    expect(keysSeen().filter((key) => key === "b")).toHaveLength(1);
    const cooling = await cooldowns();
    expect(cooling.map(({ name }) => name)).toEqual(["openai#2 model-a"]);
    expect(cooling[0]?.remainingMs).toBeGreaterThan(ms - 2000);
    expect(cooling[0]?.remainingMs).toBeLessThanOrEqual(ms);
    // Rested keys do not upset the turns of the others.
    const served = keysSeen().filter((key) => key !== "b");
    expect(Math.abs(count(served, "a") - count(served, "c"))).toBeLessThanOrEqual(3);
  });

  it.each([
    [401, "openai#1", 60_000],
    [403, "openai#1", 60_000],
    [402, "openai#1", 3_600_000],
    [429, "openai#1 model-a", 1000],
  ])("HTTP %i rests %s for %i ms where no time is named", async (code, name, ms) => {
    await startWith(["a", "b"]);
    failing.set("a", status(code));
    for (let turn = 0; turn < 4; turn++) await chat();
    expect(count(keysSeen(), "a")).toBe(1);
    const [resting] = await cooldowns();
    expect(resting?.name).toBe(name);
    expect(resting?.remainingMs).toBeLessThanOrEqual(ms);
    expect(resting?.remainingMs).toBeGreaterThan(ms - 2000);
  });

  it.each([500, 503])(
    "HTTP %i is about the provider, not the key: no rest where no time is named",
    async (code) => {
      await startWith(["a", "b"]);
      failing.set("a", status(code));
      for (let turn = 0; turn < 4; turn++) await chat();
      expect(count(keysSeen(), "a")).toBe(2);
      expect(await cooldowns()).toEqual([]);
    },
  );

  it("where all rest for long, nobody is asked, and the client learns when to come again", async () => {
    await startWith(["a", "b"]);
    failing.set("a", status(429, { "retry-after": "50" }));
    failing.set("b", status(429, { "retry-after": "20" }));
    const first = await ask(`${daemon.url}/openai`, "claude", request(true));
    expect(first.status).toBe(429);
    provider.seen.length = 0;
    const second = await ask(`${daemon.url}/openai`, "claude", request(true));
    expect([second.status, keysSeen()]).toEqual([429, []]);
    for (const asked of [first, second]) {
      expect(Number(asked.headers.get("retry-after"))).toBeGreaterThanOrEqual(19);
      expect(Number(asked.headers.get("retry-after"))).toBeLessThanOrEqual(20);
    }
    expect(second.text).toContain("rate limited");
  });

  it("where one is back soon, the request waits for it", async () => {
    await startWith(["a"]);
    failing.set("a", status(429, { "retry-after-ms": "120" }));
    takeOver = (_asked, { res }) => {
      status(429, { "retry-after-ms": "120" })(res);
      takeOver = undefined;
      failing.clear();
      return undefined;
    };
    await chat();
    expect(keysSeen()).toEqual(["a", "a"]);
    expect(await cooldowns()).toEqual([]);
  });

  it("whose rest is over before anybody looks is asked again", async () => {
    await startWith(["a"]);
    takeOver = (_asked, { res }) => {
      status(429, { "retry-after": "0" })(res);
      takeOver = undefined;
      return undefined;
    };
    await chat();
    expect(keysSeen()).toEqual(["a", "a"]);
  });

  it("is asked less and less often when it always says 'at once'", async () => {
    await startWith(["a"]);
    await daemon.storage.config.update((draft) => {
      draft.server.maxWaitMs = 300;
    });
    // Pauses of 125 ms and 250 ms.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    failing.set("a", status(429, { "retry-after": "0" }));
    const asked = await ask(`${daemon.url}/openai`, "claude", request(true));
    expect([asked.status, keysSeen()]).toEqual([429, ["a", "a"]]);
  });

  it("a rested key can be called back by hand", async () => {
    await startWith(["a", "b"]);
    failing.set("a", status(429, { "retry-after": "60" }));
    await chat();
    failing.clear();
    await fetchStatus("DELETE", "/admin/cooldowns");
    expect(await cooldowns()).toEqual([]);
    provider.seen.length = 0;
    await chat();
    await chat();
    expect(new Set(keysSeen())).toEqual(new Set(["a", "b"]));
  });

  it("embeddings are asked of the next key too, and rest the one that refused", async () => {
    const keys: string[] = [];
    const server = createServer((req, res) => {
      const key = keyOf(req.headers);
      keys.push(key);
      if (key === "bad") return status(429, { "retry-after": "60" })(res);
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify({ object: "list", data: [{ index: 0, embedding: [0.25, 0.5] }], usage: {} }));
    });
    const baseUrl = await listen(server);
    daemon = await startDaemon({
      providers: { openai: { protocol: "openai", baseUrl, keys: ["bad", "good"] } },
      groups: { default: { models: { "*": "openai/*" } } },
    });
    for (const _turn of [1, 2, 3]) {
      const body = JSON.stringify({ model: "m", input: "a" });
      const response = await fetch(`${daemon.url}/v1/embeddings`, { method: "POST", body });
      expect(await response.json()).toMatchObject({ data: [{ embedding: [0.25, 0.5] }] });
    }
    expect(keys).toEqual(["bad", "good", "good", "good"]);
    expect((await cooldowns()).map(({ name }) => name)).toEqual(["openai#1 m"]);
    server.closeAllConnections();
    server.close();
  });

  it("a client that leaves rests nobody", async () => {
    await startWith(["a", "b"]);
    const begun = new Promise<void>((resolve) => {
      takeOver = () => {
        resolve();
        return undefined;
      };
    });
    const controller = new AbortController();
    const body = JSON.stringify({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] });
    const asked = fetch(`${daemon.url}/openai/v1/messages`, {
      method: "POST",
      body,
      signal: controller.signal,
    });
    await begun;
    controller.abort();
    await expect(asked).rejects.toThrow();
    await provider.seen[0]?.closed;
    expect(await cooldowns()).toEqual([]);
    expect(provider.seen).toHaveLength(1);
  });

  interface Cooling {
    name: string;
    remainingMs: number;
  }
  const cooldowns = async (): Promise<Cooling[]> =>
    ((await (await fetchStatus("GET", "/status")).json()) as { cooling: Cooling[] }).cooling;
});

async function fetchStatus(method: string, path: string): Promise<Response> {
  const token = await daemon.storage.adminToken();
  const response = await fetch(daemon.url + path, { method, headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return response;
}

const count = (list: string[], wanted: string): number => list.filter((item) => item === wanted).length;
