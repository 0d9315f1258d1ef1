import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KeyConfig } from "../../storage/types.ts";
import { memoryStorage } from "../../storage/index.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { listRoutes, type ServedRoute } from "../support/route-list.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";
import { send, type Sent } from "../support/send.ts";

// S4, S6 to S10. A carrier left out of readSecrets (server/auth.ts) turns the matrix red; so does a second place that decides.
let provider: ScriptedProvider;
let daemon: TestDaemon;
const secrets: Record<string, string> = {};

async function addKey(name: string, scope: Partial<KeyConfig> = {}): Promise<string> {
  const { id, secret, record } = daemon.storage.keyRing.create(name);
  await daemon.storage.config.update((draft) => {
    draft.keys[id] = { ...record, ...scope };
  });
  secrets[name] = secret;
  return id;
}
const removeKey = (id: string): Promise<void> =>
  daemon.storage.config.update((draft) => {
    delete draft.keys[id];
  });

beforeAll(async () => {
  provider = await startScriptedProvider(() => FINE);
  const config = perProtocol(provider.url);
  config.groups = { ...config.groups, default: { models: { "model-a": "openai/model-a" } } };
  daemon = await startDaemon(config, { wrongKeysPerMinute: Number.MAX_SAFE_INTEGER });
  await daemon.storage.config.update((draft) => {
    draft.server.ollamaOpen = false;
  });
  await addKey("right");
  await addKey("other");
  await addKey("expired", { expiresAt: "2020-01-01T00:00:00Z" });
  await addKey("off", { enabled: false });
  await addKey("mute", { protocols: [] });
  await addKey("elsewhere", { addresses: ["10.0.0.0/8", "::2"] });
  await addKey("groupless", { groups: ["none"] });
  await removeKey(await addKey("revoked"));
});
beforeEach(() => {
  provider.seen.length = 0;
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

type Carrier = (secret: string) => { headers?: Record<string, string>; query?: string };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
const CARRIERS: Record<string, Carrier> = {
  bearer: (secret) => ({ headers: { authorization: `Bearer ${secret}` } }),
  "x-api-key": (secret) => ({ headers: { "x-api-key": secret } }),
  "x-goog-api-key": (secret) => ({ headers: { "x-goog-api-key": secret } }),
  "api-key": (secret) => ({ headers: { "api-key": secret } }),
  "?key=": (secret) => ({ query: `key=${encodeURIComponent(secret)}` }),
  "basic, password": (secret) => ({ headers: { authorization: basic(`me:${secret}`) } }),
  "basic, name": (secret) => ({ headers: { authorization: basic(`${secret}:`) } }),
};

const BODY = JSON.stringify({
  model: "model-a",
  max_tokens: 5,
  input: "hi",
  prompt: "hi",
  messages: [{ role: "user", content: "hi" }],
  contents: [{ parts: [{ text: "hi" }] }],
  stream: false,
});

function knock(route: ServedRoute, ...carried: ReturnType<Carrier>[]): Promise<Sent> {
  const query = carried.flatMap((one) => one.query ?? []).join("&");
  const headers = Object.assign({}, ...carried.map((one) => one.headers ?? {})) as Record<string, string>;
  const url = `${daemon.url}/${route.protocol}${route.path}${query === "" ? "" : `?${query}`}`;
  return send(route.method, url, route.method === "POST" ? BODY : undefined, headers);
}

const routes = listRoutes().filter(({ protocol }) => protocol !== "own");
const named = routes.map((route) => [`${route.protocol} ${route.method} ${route.path}`, route] as const);

describe("S7: one decision, whatever carries the key", () => {
  it.each(named)("%s", async (_name, route) => {
    const { right = "", other = "" } = secrets;
    const slip = right.slice(0, -1) + (right.endsWith("a") ? "b" : "a");
    const decisions: Record<string, number> = {
      [slip]: 401,
      x: 401,
      [await daemon.storage.adminToken()]: 401,
      [secrets.revoked ?? ""]: 401,
      [secrets.expired ?? ""]: 401,
      [secrets.off ?? ""]: 401,
      [secrets.mute ?? ""]: 403,
      [secrets.elsewhere ?? ""]: 403,
    };
    expect((await knock(route)).status).toBe(401);
    const open: number[] = [];
    for (const [name, carry] of Object.entries(CARRIERS)) {
      for (const [secret, status] of Object.entries(decisions))
        expect([name, (await knock(route, carry(secret))).status]).toEqual([name, status]);
      for (const [second, carrySecond] of Object.entries(CARRIERS)) {
        if (second === name || (second + name).match(/(?:basic|bearer).*(?:basic|bearer)/)) continue;
        expect((await knock(route, carry(right), carrySecond(other))).status).toBe(401);
      }
    }
    expect((await knock(route, { query: `key=${right}&key=${other}` })).status).toBe(401);
    expect(provider.seen).toEqual([]);
    for (const carry of Object.values(CARRIERS)) {
      const { status, text } = await knock(route, carry(right));
      open.push(status);
      // Some of Ollama's own answers to what it refuses have these numbers too.
      expect(text).not.toContain("client key");
    }
    expect(new Set(open).size).toBe(1);
  });

  it("the client's key is neither logged nor sent on, however it came", async () => {
    daemon.log.length = 0;
    const { right = "" } = secrets;
    for (const [, route] of named) {
      for (const carry of Object.values(CARRIERS)) await knock(route, carry(right));
    }
    expect(daemon.log.length).toBeGreaterThan(300);
    expect(provider.seen.length).toBeGreaterThan(50);
    const written = JSON.stringify([
      daemon.log,
      provider.seen.map(({ url, headers, text }) => [url, headers, text]),
    ]);
    for (const form of [
      right,
      right.slice(4, 24),
      Buffer.from(`me:${right}`).toString("base64").slice(8, 40),
    ])
      expect(written).not.toContain(form);
  });
});

describe("S4: the daemon's own routes", () => {
  const own = listRoutes().filter(({ protocol }) => protocol === "own");

  it("what is public is these two; all else needs the admin token, also from this machine", async () => {
    const open = [];
    for (const { method, path } of own)
      if ((await send(method, daemon.url + path)).status !== 401) open.push(path);
    expect(open).toEqual(["/health", "/ready"]);
  });

  it("no client key is an admin token in any carrier, and the token is taken from Authorization alone", async () => {
    const token = await daemon.storage.adminToken();
    for (const { method, path } of own.filter(({ path: one }) => !/health|ready/.test(one))) {
      for (const [name, carry] of Object.entries(CARRIERS)) {
        for (const secret of [secrets.right ?? "", token]) {
          const { headers, query } = carry(secret);
          const sent = await send(
            method,
            `${daemon.url}${path}${query ? `?${query}` : ""}`,
            undefined,
            headers,
          );
          // 400: let in, and told that a body is missing.
          const expected = secret === token && name === "bearer" ? [200, 400] : [401];
          expect(expected, name).toContain(sent.status);
        }
      }
    }
  });
});

describe("S6: the key itself", () => {
  it("has an id, 256 bits and a checksum, and is kept as a keyed hash alone", () => {
    const { keyRing } = memoryStorage();
    const seen = new Set<string>();
    for (let count = 0; count < 1000; count++) {
      const { id, secret, record } = keyRing.create("one");
      expect(secret).toMatch(/^ccp_[0-9a-f]{8}_[0-9A-Za-z]{49}$/);
      expect(secret.slice(4, 12)).toBe(id.slice(2));
      expect(JSON.stringify(record)).not.toContain(secret.slice(13));
      seen.add(secret);
    }
    expect(seen.size).toBe(1000);
  });

  it("a slip of the pen is told from a wrong key without looking anything up", () => {
    const { keyRing } = memoryStorage();
    const { secret } = keyRing.create("one");
    const watched = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error("looked up");
        },
      },
    );
    for (let at = 13; at < secret.length; at++) {
      const slip = `${secret.slice(0, at)}${secret[at] === "a" ? "b" : "a"}${secret.slice(at + 1)}`;
      expect(keyRing.verify(slip, watched, 0)).toBeUndefined();
    }
    expect(() => keyRing.verify(secret, watched, 0)).toThrow("looked up");
  });

  it("an unknown id cannot be told from a wrong secret by the clock", () => {
    const { keyRing } = memoryStorage();
    const { id, secret, record } = keyRing.create("one");
    const stranger = keyRing.create("two");
    const keys = { [id]: { ...record, hash: "0".repeat(64) } };
    const time = (text: string): number => {
      const began = process.hrtime.bigint();
      keyRing.verify(text, keys, 0);
      return Number(process.hrtime.bigint() - began) / 1000;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let count = 0; count < 6000; count++) {
      known.push(time(secret));
      unknown.push(time(stranger.secret));
    }
    const median = (times: number[]): number => times.slice(2000).sort((a, b) => a - b)[2000] ?? 0;
    expect(Math.abs(median(known) - median(unknown))).toBeLessThan(median(known) / 3);
  });
});

describe("S8: guessing", () => {
  it("the 21st wrong key of a minute is told to wait, a right one is not; nothing is asked or kept", async () => {
    const strict = await startDaemon({ ...perProtocol(provider.url) });
    const { id, secret, record } = strict.storage.keyRing.create("one");
    await strict.storage.config.update((draft) => {
      draft.keys[id] = record;
    });
    const ask = (key: string): Promise<Sent> =>
      send("GET", `${strict.url}/openai/v1/models`, undefined, { authorization: `Bearer ${key}` });
    const told: number[] = [];
    for (let count = 0; count < 25; count++) told.push((await ask(`wrong-${count}`)).status);
    expect(told).toEqual([...Array.from({ length: 20 }, () => 401), ...Array.from({ length: 5 }, () => 429)]);
    const refused = await ask("wrong");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: "too_many_wrong_keys" } });
    expect((await ask(secret)).status).toBe(200);
    const admin = await send("GET", `${strict.url}/status`, undefined, { authorization: "Bearer wrong" });
    expect(admin.status).toBe(429);
    await strict.close();
  });
});

describe("S9: revocation", () => {
  it("counts for the next request, and ends what runs", async () => {
    const slow = await startScriptedProvider((request, { res, call, face }) => {
      res.writeHead(200, face.streamHeaders(call));
      const writer = face.createStreamWriter({
        call,
        request,
        id: "a".repeat(24),
        newId: () => "b".repeat(24),
        createdAt: 0,
        now: () => 0,
      });
      res.write(writer.push([{ type: "start" }, { type: "text-delta", text: "one" }]));
      return undefined;
    });
    await daemon.storage.config.update((draft) => {
      for (const protocol of PROTOCOLS) {
        draft.providers[`slow-${protocol}`] = { protocol, baseUrl: slow.url };
        draft.groups[`slow-${protocol}`] = { models: { "*": `slow-${protocol}/*` } };
      }
    });
    for (const [how, change] of [
      ["removed", (id: string) => removeKey(id)],
      [
        "switched off",
        (id: string) =>
          daemon.storage.config.update((draft) => {
            (draft.keys[id] as KeyConfig).enabled = false;
          }),
      ],
    ] as const) {
      for (const provided of ["openai", "claude"]) {
        const id = await addKey("going");
        const headers = {
          authorization: `Bearer ${secrets.going ?? ""}`,
          "content-type": "application/json",
        };
        const response = await fetch(`${daemon.url}/slow-${provided}/v1/chat/completions`, {
          method: "POST",
          headers,
          body: JSON.stringify({ ...(JSON.parse(BODY) as object), stream: true }),
        });
        const reader = (response.body as ReadableStream<Uint8Array>).getReader();
        let text = Buffer.from((await reader.read()).value ?? []).toString();
        const began = performance.now();
        await change(id);
        expect((await fetch(`${daemon.url}/v1/models`, { headers })).status, how).toBe(401);
        for (let piece = await reader.read(); !piece.done; piece = await reader.read())
          text += Buffer.from(piece.value).toString();
        expect(performance.now() - began).toBeLessThan(5000);
        expect(text).toContain("no longer accepted");
        expect(text).not.toContain("[DONE]");
        await slow.seen.at(-1)?.closed;
      }
    }
    await slow.close();
  });
});

describe("S10: what a key reaches", () => {
  const models = ["small", "small-2", "Large", "claude-x", "claude-y", "deep/seek", "qwen:8b"];
  const patterns = ["small", "SMALL*", "claude-?", "*", "deep/*", "qwen:8b", "none", "*-2"];
  const groups = ["default", "one", "two"];

  it("1,000 keys and models, against an oracle, in lists and in requests", async () => {
    const many = await startDaemon({
      providers: { p: { protocol: "openai", baseUrl: provider.url, keys: ["sk-test"], models } },
      groups: Object.fromEntries(
        groups.map((name) => [
          name,
          { models: Object.fromEntries(models.map((model) => [model, `p/${model}`])) },
        ]),
      ),
    });
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const pick = <T>(from: readonly T[]): T[] => from.filter(() => next(3) === 0);
    let pairs = 0;
    for (let round = 0; round < 50; round++) {
      const scope = {
        ...(next(3) > 0 && { models: pick(patterns) }),
        ...(next(2) > 0 && { groups: pick(groups) }),
      };
      const { id, secret, record } = many.storage.keyRing.create("one");
      await many.storage.config.update((draft) => {
        draft.keys = { [id]: { ...record, ...scope } };
      });
      const headers = { authorization: `Bearer ${secret}` };
      const reachesModel = (model: string): boolean =>
        !scope.models ||
        scope.models.some((pattern) =>
          // Only here, where both are ours.
          new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i").test(model),
        );
      const group = groups[next(3)] as string;
      const inGroup = !scope.groups || scope.groups.includes(group);
      const listed = await Promise.all(
        ["/v1/models", "/api/tags", "/v1beta/models"].map((path) =>
          send("GET", `${many.url}/${group}${path}`, undefined, headers),
        ),
      );
      for (const list of listed) {
        expect(list.status).toBe(inGroup ? 200 : 403);
        if (!inGroup) continue;
        for (const model of models)
          expect([model, list.text.includes(`${model}"`) || list.text.includes(`${model}:latest"`)]).toEqual([
            model,
            reachesModel(model),
          ]);
      }
      for (const model of models) {
        const forms = [model, `${group}@${model}`, model.toUpperCase()];
        for (const form of forms) {
          pairs++;
          const path = form.includes("@") ? "/v1/chat/completions" : `/${group}/v1/chat/completions`;
          const { status } = await send(
            "POST",
            many.url + path,
            { model: form, messages: [{ role: "user", content: "hi" }] },
            headers,
          );
          expect([form, scope, status]).toEqual([form, scope, inGroup && reachesModel(model) ? 200 : 403]);
        }
      }
    }
    expect(pairs).toBeGreaterThan(1000);
    await many.close();
  });

  it("no way leads to a model that the key does not reach", async () => {
    await addKey("narrow", { models: ["model-b"] });
    const headers = { authorization: `Bearer ${secrets.narrow ?? ""}` };
    const doors = routes.filter(
      ({ job, path, method }) =>
        ["chat", "embed", "count-tokens", "model"].includes(job) ||
        (method === "POST" && path === "/api/show") ||
        path === "/api/pull" ||
        path === "/api/copy",
    );
    expect(doors.length).toBeGreaterThan(20);
    const content = { parts: [{ text: "hi" }] };
    const body = {
      ...(JSON.parse(BODY) as object),
      source: "model-a",
      destination: "model-b",
      content,
      requests: [{ model: "models/model-a", content }],
    };
    // This one takes nothing else.
    const toBody = (path: string): unknown =>
      path.endsWith("input_tokens") ? { model: "model-a", input: "hi" } : body;
    for (const { protocol, method, path } of doors) {
      const url = `${daemon.url}/${protocol}${path.replace("model-a:generateContent", "model-a")}`;
      const asked = method === "POST" && path.includes("model-a") ? daemon.url + `/${protocol}${path}` : url;
      const { status } = await send(method, asked, method === "POST" ? toBody(path) : undefined, headers);
      expect([path, status]).toEqual([path, 403]);
    }
    expect(provider.seen).toEqual([]);
  });

  it("answers kept for one key are not there for another, here or at the provider", async () => {
    const { right = "", other = "" } = secrets;
    const ask = (key: string, method: string, path: string, body?: unknown): Promise<Sent> =>
      send(method, daemon.url + path, body, { authorization: `Bearer ${key}` });
    for (const group of ["openai", "openai-responses"]) {
      const made = await ask(right, "POST", `/${group}/v1/responses`, {
        model: "model-a",
        input: "a secret",
      });
      const { id } = JSON.parse(made.text) as { id: string };
      for (const [method, path] of [
        ["GET", ""],
        ["GET", "/input_items"],
        ["POST", "/cancel"],
        ["DELETE", ""],
      ] as const) {
        provider.seen.length = 0;
        const stolen = await ask(other, method, `/${group}/v1/responses/${id}${path}`);
        expect([group, path, stolen.status]).toEqual([group, path, 404]);
        expect(stolen.text).not.toContain("a secret");
        expect(provider.seen).toEqual([]);
      }
      const next = { model: "model-a", input: "go on", previous_response_id: id };
      const stolen = await ask(other, "POST", `/${group}/v1/responses`, next);
      expect([group, [400, 404].includes(stolen.status)]).toEqual([group, true]);
      expect(provider.seen).toEqual([]);
      expect((await ask(right, "POST", `/${group}/v1/responses`, next)).status).toBe(200);
    }
  });
});
