import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { startServer } from "../../../server/serve.ts";
import { openStorage } from "../../../storage/index.ts";
import type { Config, KeyConfig, Limits, ServerConfig, Storage } from "../../../storage/types.ts";
import { startDaemon, type TestDaemon } from "../../support/daemon.ts";
import {
  sendEvents,
  startScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../support/scripted-provider.ts";

const answer: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "served" },
  { type: "finish", reason: "stop", usage: { inputTokens: 40, outputTokens: 60 } },
];
let provider: ScriptedProvider;
let script: Script;
beforeAll(async () => {
  provider = await startScriptedProvider((asked, raw) => script(asked, raw));
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.seen.length = 0;
  script = () => answer;
});

let daemon: TestDaemon | undefined;
afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
});

interface Setup {
  client?: Limits;
  provider?: Limits;
  keys?: string[];
  server?: Partial<ServerConfig>;
}

const toConfig = (setup: Setup): Partial<Config> => ({
  server: { host: "127.0.0.1", port: 0, ollamaOpen: true, maxWaitMs: 5000, ...setup.server },
  providers: {
    p: { protocol: "openai", baseUrl: provider.url, keys: setup.keys ?? ["one"], limits: setup.provider },
  },
  groups: { default: { models: { "*": "p/m" }, strategy: "priority" } },
});

let secret = "";
async function start(setup: Setup): Promise<void> {
  daemon = await startDaemon(toConfig(setup));
  secret = await addKey(daemon.storage, setup.client);
}

async function addKey(storage: Storage, limits: Limits | undefined): Promise<string> {
  const made = storage.keyRing.create("laptop");
  const record: KeyConfig = { ...made.record, ...(limits && { limits }) };
  await storage.config.update((draft) => {
    draft.keys[made.id] = record;
  });
  return made.secret;
}

const ask = (path: string, body: object = {}, url = daemon?.url): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }], ...body }),
  });
const chat = (body: object = {}): Promise<Response> => ask("/v1/chat/completions", body);
const keysSeen = (): string[] => provider.seen.map(({ headers }) => String(headers.authorization).slice(7));

/** Holds every answer until it is let go. */
function hold(): { started: () => Promise<void>; release: () => void } {
  const waiting: (() => void)[] = [];
  const expecting: (() => void)[] = [];
  script = (asked, { res, face, call }) => {
    waiting.push(() => sendEvents(res, face, call, asked, answer));
    expecting.shift()?.();
    return undefined;
  };
  return {
    started: () => new Promise((resolve) => expecting.push(resolve)),
    release: () => waiting.shift()?.(),
  };
}

describe("limits of a client key", () => {
  it("refuse what is beyond with 429 and Retry-After in the client's own words, and ask nobody", async () => {
    await start({ client: { requestsPerMinute: 1 } });
    expect((await chat()).status).toBe(200);
    const refused = await chat();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await refused.json()).toMatchObject({
      error: {
        message: expect.stringContaining("limit of 1 requests per minute") as string,
        code: "rate_limit_exceeded",
      },
    });
    const claude = await ask("/v1/messages");
    expect(claude.status).toBe(429);
    expect(claude.headers.get("retry-after")).not.toBeNull();
    expect(await claude.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
    const gemini = await ask("/v1beta/models/m:generateContent", { contents: [{ parts: [{ text: "hi" }] }] });
    expect(await gemini.json()).toMatchObject({ error: { code: 429, status: "RESOURCE_EXHAUSTED" } });
    const embed = await ask("/v1/embeddings", { input: "text" });
    expect(embed.status).toBe(429);
    expect(provider.seen).toHaveLength(1);
  });

  it("count the tokens that were really used", async () => {
    await start({ client: { tokensPerMinute: 150 } });
    expect((await chat()).status).toBe(200);
    expect((await chat()).status).toBe(200);
    // 200 of 150 are used by now: the estimates alone would leave room.
    expect((await chat()).status).toBe(429);
    expect(provider.seen).toHaveLength(2);
  });

  it("refuse a request that could never fit without telling when to come back", async () => {
    await start({ client: { tokensPerMinute: 20 } });
    const refused = await chat({ messages: [{ role: "user", content: "many words ".repeat(200) }] });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, null]);
    expect(provider.seen).toEqual([]);
  });

  it("hold for requests at the same time, and end with the client that leaves", async () => {
    await start({ client: { concurrent: 1 } });
    const held = hold();
    const started = held.started();
    const leaving = new AbortController();
    const gone = fetch(`${daemon?.url}/v1/chat/completions`, {
      method: "POST",
      signal: leaving.signal,
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
    }).catch(() => "gone");
    await started;
    expect((await chat()).status).toBe(429);
    const entry = daemon?.nextEntry();
    leaving.abort();
    expect(await gone).toBe("gone");
    expect((await entry)?.status).toBe(499);
    script = () => answer;
    expect((await chat()).status).toBe(200);
    expect((await chat()).status).toBe(200);
  });

  it("of a day outlive the daemon", async () => {
    const dir = await mkdtemp(join(tmpdir(), "limits-"));
    const run = async (first: boolean): Promise<number[]> => {
      const storage = await openStorage(dir, { watch: false });
      if (first) {
        await storage.config.update((draft) => void Object.assign(draft, toConfig({})));
        secret = await addKey(storage, { tokensPerDay: 150 });
      }
      const server = await startServer({ storage, host: "127.0.0.1", port: 0 });
      const statuses: number[] = [];
      for (const _turn of first ? [1, 2] : [1])
        statuses.push((await ask("/v1/chat/completions", {}, server.url)).status);
      await server.close(0);
      await storage.close();
      return statuses;
    };
    expect(await run(true)).toEqual([200, 200]);
    expect(await run(false)).toEqual([429]);
    expect(provider.seen).toHaveLength(2);
    await rm(dir, { recursive: true, force: true });
  });
});

describe("limits of a provider's keys", () => {
  it("pass over the key that is used up", async () => {
    await start({ provider: { requestsPerMinute: 1 }, keys: ["one", "two"] });
    expect([(await chat()).status, (await chat()).status]).toEqual([200, 200]);
    expect(keysSeen()).toEqual(["one", "two"]);
    const refused = await chat();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(keysSeen()).toHaveLength(2);
    const authorization = `Bearer ${await daemon?.storage.adminToken()}`;
    const status = await (await fetch(`${daemon?.url}/status`, { headers: { authorization } })).json();
    expect(status).toMatchObject({
      limited: [
        { name: "p#1", limit: "requestsPerMinute" },
        { name: "p#2", limit: "requestsPerMinute" },
      ],
    });
    expect(daemon?.log.find(({ status }) => status === 429)).toMatchObject({
      status: 429,
      skipped: [
        { target: "p/m", key: "p#1", reason: "limit" },
        { target: "p/m", key: "p#2", reason: "limit" },
      ],
    });
  });

  it("let a request wait for room that is about to come", async () => {
    await start({ provider: { concurrent: 1 } });
    const held = hold();
    const [first, second] = [held.started(), held.started()];
    const one = chat();
    await first;
    const two = chat();
    // By the time these are answered it has come as well, and waits.
    for (const _turn of [1, 2, 3]) await fetch(`${daemon?.url}/health`);
    held.release();
    const released = performance.now();
    expect((await one).status).toBe(200);
    await second;
    // Woken by the end of the other one, not by looking again after a second.
    expect(performance.now() - released).toBeLessThan(700);
    held.release();
    expect((await two).status).toBe(200);
    expect(provider.seen).toHaveLength(2);
  });

  it("let only as many through at once as they say, however many wait", async () => {
    await start({ provider: { concurrent: 2 } });
    let [running, most] = [0, 0];
    const held: (() => void)[] = [];
    const letAllCome = async (): Promise<void> => {
      for (const _turn of [1, 2]) await fetch(`${daemon?.url}/health`);
    };
    script = (asked, { res, face, call }) => {
      most = Math.max(most, ++running);
      held.push(() => {
        running--;
        sendEvents(res, face, call, asked, answer);
      });
      // Two at a time, once every other had its chance to come.
      if (held.length === 2) void letAllCome().then(() => held.splice(0).forEach((go) => go()));
      return undefined;
    };
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await chat()).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(most).toBe(2);
  });

  it("say 429 for a request too large for any of them", async () => {
    await start({ provider: { tokensPerMinute: 20 }, keys: ["one", "two"] });
    const refused = await chat({ messages: [{ role: "user", content: "many words ".repeat(200) }] });
    expect(refused.status).toBe(429);
    expect(((await refused.json()) as { error: { message: string } }).error.message).toContain("more tokens");
    expect(provider.seen).toEqual([]);
    expect((await chat()).status).toBe(200);
  });

  it("give back what a failed attempt reserved", async () => {
    await start({ provider: { concurrent: 1, tokensPerMinute: 30 }, server: { maxWaitMs: 0 } });
    script = (_asked, { res }) => void res.writeHead(400).end('{"error":{"message":"no"}}');
    for (const _turn of [1, 2, 3, 4, 5]) expect((await chat()).status).toBe(400);
    script = () => answer;
    expect((await chat()).status).toBe(200);
  });

  it("hold for embeddings, too", async () => {
    await start({ provider: { requestsPerMinute: 1 } });
    expect((await ask("/v1/embeddings", { input: "text" })).status).toBe(200);
    expect((await ask("/v1/embeddings", { input: "text" })).status).toBe(429);
    expect(provider.seen).toHaveLength(1);
  });
});

describe("server.maxConcurrent", () => {
  it("sheds one request too many at once, without its body, and lets it in later", async () => {
    await start({ server: { maxConcurrent: 1 } });
    const held = hold();
    const started = held.started();
    const one = chat();
    await started;
    const { hostname, port } = new URL(daemon?.url ?? "");
    const socket = connect(Number(port), hostname);
    const head = new Promise<string>((resolve) => {
      socket.once("data", (data) => resolve(data.toString()));
    });
    const began = performance.now();
    // The body never comes.
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nhost: ${hostname}:${port}\r\nx-api-key: ${secret}\r\ncontent-length: 99999\r\n\r\n{`,
    );
    const refused = await head;
    expect(performance.now() - began).toBeLessThan(500);
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused).toMatch(/\r\nretry-after: 1\r\n/i);
    expect(refused).toContain('"type":"error"');
    socket.destroy();
    // Whoever watches the daemon gets through.
    expect((await fetch(`${daemon?.url}/health`)).status).toBe(200);
    held.release();
    expect((await one).status).toBe(200);
    script = () => answer;
    expect((await chat()).status).toBe(200);
    expect(provider.seen).toHaveLength(2);
  });

  it("forgets who broke off", async () => {
    await start({ server: { maxConcurrent: 2 } });
    for (let turn = 0; turn < 5; turn++) {
      const entry = daemon?.nextEntry();
      const { hostname, port } = new URL(daemon?.url ?? "");
      const req = httpRequest({
        hostname,
        port,
        method: "POST",
        path: "/v1/messages",
        headers: { "x-api-key": secret },
      });
      req.on("error", () => undefined);
      req.write("{", () => req.destroy());
      await entry;
    }
    expect((await chat()).status).toBe(200);
  });
});
