import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createKeyRing } from "../../../storage/keys.ts";
import type { Config, KeyConfig } from "../../../storage/types.ts";
import { playGood, TEXTS } from "../../faults/faults.ts";
import { ask, userText, type Asked } from "../../support/ask.ts";
import { buildCli, type BuiltCli } from "../../support/built-cli.ts";
import { startFaultServer, type FaultServer } from "../../support/fault-server.ts";
import { spawnDaemon, type SpawnedDaemon } from "../../support/spawned-daemon.ts";

/** Two real processes behind one port. Every request comes by a connection of its own, so that they take turns. */
let cli: BuiltCli;
let server: FaultServer;
let daemon: SpawnedDaemon;
let admin: string;
beforeAll(async () => {
  cli = buildCli();
  server = await startFaultServer();
}, 60_000);
afterAll(async () => {
  await server.close();
  cli.remove();
});
afterEach(async () => {
  await daemon.remove();
  server.forget();
});

async function start(config: Partial<Config> = {}): Promise<void> {
  const at = (place: string) => ({ protocol: "openai", baseUrl: `${server.url}/${place}` });
  daemon = await spawnDaemon(
    cli.path,
    {
      server: { host: "127.0.0.1", port: 0, ollamaOpen: true, drainMs: 400, maxWaitMs: 0 },
      providers: { p: { ...at("p"), keys: ["k1", "k2"] } },
      groups: { default: { models: { m: { targets: ["p/m"], strategy: "priority" } } } },
      ...config,
    },
    ["--workers", "2"],
  );
  admin = readFileSync(join(daemon.home, "admin-token"), "utf8").trim();
  server.play("p", playGood);
}

interface Got {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}
function send(method: string, path: string, body?: unknown, key?: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    const req = request(daemon.url + path, { method, headers, agent: false }, (res) => {
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (piece: string) => (text += piece));
      res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
    });
    req.on("error", reject);
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
const chat = (model = "m", key?: string): Promise<Got> =>
  send("POST", "/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] }, key);
const askAdmin = async <T>(path: string, method = "GET"): Promise<T> =>
  JSON.parse((await send(method, path, undefined, admin)).text) as T;
const readStatus = () =>
  askAdmin<{
    pid: number;
    workers: { pid: number; requests: number }[];
    cooling: { name: string; reason: string }[];
    limited: { name: string; limit: string }[];
    targets: { target: string; requests: number; failures: number }[];
  }>("/status");
const stream = (text: string): Promise<Asked> =>
  ask(daemon.url, "openai", {
    model: "m",
    messages: [userText(text)],
    sampling: { maxTokens: 9 },
    stream: true,
  });
const textOf = ({ events }: Asked): string =>
  events.flatMap((event) => (event.type === "text-delta" ? event.text : [])).join("");

/** A client key, and its record with `limits`. */
function makeKey(limits: KeyConfig["limits"]): { secret: string; keys: Config["keys"]; pepper: string } {
  const pepper = "p".repeat(43);
  const { id, secret, record } = createKeyRing({ pepper: () => pepper }).create("one");
  return { secret, keys: { [id]: { ...record, limits } }, pepper };
}

describe("several processes", () => {
  it("admit together exactly what a client key may, and say how long it has to wait", async () => {
    const { secret, keys, pepper } = makeKey({ requestsPerMinute: 11 });
    await start();
    writeFileSync(join(daemon.home, "pepper"), pepper, { mode: 0o600 });
    const file = join(daemon.home, "config.json");
    const config = JSON.parse(readFileSync(file, "utf8")) as Config;
    writeFileSync(file, JSON.stringify({ ...config, keys }));
    expect(await askAdmin("/admin/reload", "POST")).toEqual({ ok: true });

    const all = await Promise.all(Array.from({ length: 40 }, () => chat("m", secret)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(11);
    const refused = all.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(29);
    for (const { headers } of refused) {
      expect(Number(headers["retry-after"])).toBeGreaterThan(50);
      expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
    }
    expect(server.attempts("p")).toHaveLength(11);
    const { workers, limited } = await readStatus();
    expect(workers.map(({ requests }) => requests > 0)).toEqual([true, true]);
    expect(limited).toMatchObject([{ limit: "requestsPerMinute" }]);
  });

  it("ask a provider together by one key no more often than it allows, nor more at once", async () => {
    await start({
      providers: {
        p: {
          protocol: "openai",
          baseUrl: `${server.url}/p`,
          keys: ["k1"],
          limits: { concurrent: 3, requestsPerMinute: 9 },
        },
      },
      server: { host: "127.0.0.1", port: 0, ollamaOpen: true, maxWaitMs: 20_000 },
    });
    let [running, most] = [0, 0];
    server.play("p", async (line, count) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running--;
      await playGood(line, count);
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => chat()));
    expect(most).toBe(3);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(9);
    expect(server.attempts("p")).toHaveLength(9);
  });

  it("know at once whom one of them saw refused, and who is let in again", async () => {
    await start();
    server.play("p", (line, count) => {
      if (line.attempt.headers.authorization !== "Bearer k1") return playGood(line, count);
      line.reply(429, line.words.errorBody(429, "slow"), { "retry-after": "60" });
    });
    for (let count = 0; count < 6; count++) expect((await chat()).status).toBe(200);
    const byKey = (key: string): number =>
      server.attempts("p").filter(({ headers }) => headers.authorization === `Bearer ${key}`).length;
    expect([byKey("k1"), byKey("k2")]).toEqual([1, 6]);
    const { workers, cooling } = await readStatus();
    expect(cooling).toMatchObject([{ name: "p#1 m", reason: "rate-limit" }]);
    expect(workers.map(({ requests }) => requests > 0)).toEqual([true, true]);

    server.play("p", playGood);
    expect(await askAdmin("/admin/cooldowns", "DELETE")).toMatchObject({ cleared: ["p#1 m"] });
    for (let count = 0; count < 4; count++) await chat();
    expect(byKey("k1")).toBe(3);
  });

  it("count as one: status, metrics, usage and the log", async () => {
    await start();
    for (let count = 1; count <= 10; count++) {
      await chat();
      expect((await readStatus()).targets).toMatchObject([{ target: "p/m", requests: count }]);
    }
    await Promise.all(Array.from({ length: 15 }, () => chat()));
    expect((await readStatus()).targets).toMatchObject([{ target: "p/m", requests: 25 }]);
    const { text } = await send("GET", "/metrics", undefined, admin);
    expect(text).toContain('ccproxy_requests_total{protocol="openai",status="2xx",via="pass-through"} 25');
    expect(text).toContain('ccproxy_tokens_total{direction="input"} 175');
    const { rows } = await askAdmin<{ rows: unknown[] }>("/admin/usage?days=1");
    expect(rows).toMatchObject([{ target: "p/m", requests: 25, inputTokens: 175, outputTokens: 75 }]);
    expect(daemon.log().filter(({ path }) => path === "/v1/chat/completions")).toHaveLength(25);
    expect((await send("GET", "/status", undefined, "cca_wrong")).status).toBe(401);
    const health = JSON.parse((await send("GET", "/health")).text) as { pid: number };
    expect(health.pid).toBe(daemon.pid);
  });

  it("learn together what a model lacks", async () => {
    await start();
    server.play("p", (line, count) =>
      line.attempt.body["tools"] === undefined
        ? playGood(line, count)
        : line.reply(400, line.words.errorBody(400, "m does not support tools")),
    );
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    for (let count = 0; count < 5; count++) {
      const messages = [{ role: "user", content: "hi" }];
      expect((await send("POST", "/v1/chat/completions", { model: "m", messages, tools })).status).toBe(200);
    }
    expect(server.attempts("p").filter(({ body }) => body["tools"] !== undefined)).toHaveLength(1);
  });

  it("find the answers that one of them gave", async () => {
    await start();
    for (let count = 0; count < 4; count++) {
      const first = await send("POST", "/v1/responses", { model: "m", input: "hi", store: true });
      const { id } = JSON.parse(first.text) as { id: string };
      const next = await send("POST", "/v1/responses", {
        model: "m",
        input: "more",
        previous_response_id: id,
      });
      expect(next.status).toBe(200);
      expect(JSON.stringify(server.attempts("p").at(-1)?.body)).toMatch(/hi.+answer.+more/);
      expect((await send("DELETE", `/v1/responses/${id}`)).status).toBe(200);
      expect((await send("GET", `/v1/responses/${id}`)).status).toBe(404);
    }
  });

  it("one that dies takes its own streams only, gives back what it held, and is replaced", async () => {
    await start({
      providers: {
        p: { protocol: "openai", baseUrl: `${server.url}/p`, keys: ["k1"], limits: { concurrent: 8 } },
      },
    });
    let finish = (): void => undefined;
    const mayFinish = new Promise<void>((resolve) => (finish = resolve));
    server.play("p", async (line) => {
      line.head();
      const pieces = line.words.stream(TEXTS(0));
      for (const piece of pieces.slice(0, -1)) await line.write(piece);
      await mayFinish;
      await line.write(pieces.at(-1) ?? "");
      line.end();
    });
    const streams = Array.from({ length: 8 }, () => stream("hi").catch(() => undefined));
    await expect.poll(() => server.attempts("p").length).toBe(8);
    expect((await chat()).status).toBe(429);
    const before = (await readStatus()).workers.map(({ pid }) => pid);
    process.kill(before[0] ?? 0, "SIGKILL");
    await expect.poll(() => daemon.said()).toContain(`process ${before[0]} ended (SIGKILL); another one`);
    finish();
    const answers = await Promise.all(streams);
    const whole = answers.filter((asked) => asked?.events.at(-1)?.type === "finish");
    // They take turns, not exactly.
    expect([whole.length > 0, whole.length < 8]).toEqual([true, true]);
    for (const asked of whole) expect(asked && textOf(asked)).toBe(TEXTS(0).join(""));

    server.play("p", playGood);
    const again = await Promise.all(Array.from({ length: 8 }, () => chat()));
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 200));
    await expect
      .poll(async () => (await readStatus()).workers.map(({ pid }) => pid).filter((pid) => pid !== before[0]))
      .toHaveLength(2);
  });

  it("SIGTERM lets streams of all end, tells the others, and leaves no process behind", async () => {
    await start();
    let finish = (): void => undefined;
    const mayFinish = new Promise<void>((resolve) => (finish = resolve));
    server.play("p", async (line) => {
      line.head();
      const pieces = line.words.stream(TEXTS(0));
      for (const piece of pieces.slice(0, -1)) await line.write(piece);
      if (!JSON.stringify(line.attempt.body).includes("short")) return;
      await mayFinish;
      await line.write(pieces.at(-1) ?? "");
      line.end();
    });
    const streams = Array.from({ length: 12 }, (_, index) => stream(index % 2 === 0 ? "short" : "long"));
    await expect.poll(() => server.attempts("p").length).toBe(12);
    const { workers } = await readStatus();
    daemon.signal("SIGTERM");
    await expect.poll(() => daemon.said()).toContain("ending;");
    finish();
    const answers = await Promise.all(streams);
    expect(await daemon.ended).toBe(0);
    for (const [index, asked] of answers.entries()) {
      const last = asked.events.at(-1);
      if (index % 2 === 0) expect([last?.type, textOf(asked)]).toEqual(["finish", TEXTS(0).join("")]);
      else expect(last?.type === "error" && last.error.message).toContain("shutting down");
    }
    expect(daemon.log().filter(({ stream }) => stream)).toHaveLength(12);
    for (const { pid } of workers) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
