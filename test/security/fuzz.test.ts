import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAdapter } from "../../adapters/index.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadRequests } from "../support/fixtures.ts";
import { createDice, mutate } from "../support/mutate.ts";
import { readNativeError } from "../support/native-error.ts";
import { listRoutes } from "../support/route-list.ts";
import { watchStalls } from "../support/stalls.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";

// S17: whatever comes in, the answer is an error in the caller's own words. `npm run fuzz` sends a million.
// A parser that throws anything but a GatewayError, or reads a field without looking, turns this red.
const RUNS = Number(process.env.FUZZ_RUNS ?? 10_000);
const SEED = Number(process.env.SEED ?? 1);
const ALLOWED = new Set([200, 400, 401, 403, 404, 405, 413, 415, 422, 429]);
const AT_ONCE = 8;

let provider: ScriptedProvider;
let daemon: TestDaemon;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const untouched = Object.getOwnPropertyNames(Object.prototype).sort();
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  process.on("unhandledRejection", note);
  provider = await startScriptedProvider(() => FINE);
  const config = perProtocol(provider.url);
  daemon = await startDaemon(config);
});
afterAll(async () => {
  process.off("unhandledRejection", note);
  agent.destroy();
  await daemon.close();
  await provider.close();
});

function post(path: string, body: Buffer): Promise<{ status: number; text: string; ms: number }> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const used = process.cpuUsage();
    // What others on the machine take does not count; one that waits for nothing runs into the time-out below.
    const toMs = (): number => {
      const { user, system } = process.cpuUsage(used);
      return Math.min(performance.now() - began, (user + system) / 1000);
    };
    const outgoing = request(
      daemon.url + path,
      {
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": body.length },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, ms: toMs() }));
      },
    );
    outgoing.on("error", reject);
    outgoing.setTimeout(15_000, () =>
      outgoing.destroy(new Error(`no answer to ${path} ${body.toString("latin1").slice(0, 1500)}`)),
    );
    outgoing.end(body);
  });
}

/** Requests of real clients, and one for every other route of the protocol. */
function loadSeeds(protocol: string): { path: string; body: Record<string, unknown> }[] {
  const adapter = findAdapter(protocol);
  if (!adapter) throw new Error(`no adapter ${protocol}`);
  const real = loadRequests(adapter).filter(({ body }) => JSON.stringify(body).length < 6000);
  // What is put at /api/blobs is a file, of which any bytes are right.
  const others = listRoutes()
    .filter(
      (route) => route.protocol === protocol && route.method === "POST" && !route.path.includes("/blobs/"),
    )
    .map(({ path }) => ({ path, body: OTHER }));
  return [...real, ...others];
}
const OTHER = {
  model: "model-a",
  input: ["a"],
  prompt: "hi",
  source: "a",
  destination: "b",
  name: "model-a",
  messages: [{ role: "user", content: "hi" }],
  contents: [{ role: "user", parts: [{ text: "hi" }] }],
  content: { parts: [{ text: "hi" }] },
  requests: [{ model: "models/model-a", content: { parts: [{ text: "hi" }] } }],
};

async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe.each(PROTOCOLS)("S17: %s", (protocol) => {
  it(
    `${RUNS} bad bodies: no crash, no stall, nothing but its own errors`,
    { timeout: 60_000 + RUNS * 10 },
    async () => {
      console.log(`${protocol}: SEED=${SEED}`);
      const dice = createDice(SEED);
      const seeds = loadSeeds(protocol);
      const targets = PROTOCOLS.filter((target) => target !== protocol);
      const counts = new Map<number, number>();
      // What is loaded at the first request is not to be measured.
      for (const { path, body } of seeds)
        for (const group of ["/openai", "/claude/compat"])
          await post(group + path, Buffer.from(JSON.stringify(body)));
      const stalled = watchStalls();
      function* make(): Generator<{ path: string; bytes: Buffer }> {
        for (let run = 0; run < RUNS; run++) {
          const { path, body } = seeds[dice(seeds.length)] as (typeof seeds)[number];
          // Mostly converted, for that reads the most; some handed through, some with emulated tools.
          const group = dice(4) === 0 ? protocol : targets[dice(targets.length)];
          const mode = dice(4) === 0 ? "/compat" : "";
          yield { path: `/${group}${mode}${path}`, bytes: mutate(body, dice) };
        }
      }
      await inParallel(make(), async ({ path, bytes }) => {
        const answer = await post(path, bytes);
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
        const shown = `SEED=${SEED} ${path} -> ${answer.text.slice(0, 500)} <- ${bytes.subarray(0, 2000).toString("latin1")}`;
        if (!ALLOWED.has(answer.status)) expect.fail(`${answer.status}: ${shown}`);
        if (answer.ms > 3000) expect.fail(`${Math.round(answer.ms)} ms: ${shown}`);
        if (answer.status !== 200) {
          expect(readNativeError(protocol, answer), shown).not.toBe("");
          expect(answer.text).not.toContain("please report");
        }
        provider.seen.length = 0;
      });
      const stall = stalled();
      console.log(
        `${protocol}: ${[...counts]
          .sort()
          .map(([status, count]) => `${status}×${count}`)
          .join(" ")}; longest stall ${stall} ms`,
      );
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(RUNS);
      expect(counts.get(400) ?? 0).toBeGreaterThan(RUNS / 4);
      expect(stall).toBeLessThan(200);
      expect(unhandled).toEqual([]);
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(untouched);
    },
  );

  it("real requests, cut off at every place", { timeout: 60_000 }, async () => {
    const real = loadSeeds(protocol)
      .map(({ path, body }) => ({ path, bytes: Buffer.from(JSON.stringify(body)) }))
      .sort((a, b) => a.bytes.length - b.bytes.length)
      .slice(0, 20);
    function* cuts(): Generator<{ path: string; bytes: Buffer }> {
      for (const { path, bytes } of real) {
        const step = Math.max(1, Math.floor(bytes.length / 300));
        for (let at = 0; at < bytes.length; at += step) yield { path, bytes: bytes.subarray(0, at) };
      }
    }
    await inParallel(cuts(), async ({ path, bytes }) => {
      const answer = await post(`/openai${path}`, bytes);
      const shown = `${path} ${bytes.toString("utf8").slice(-200)} -> ${answer.text.slice(0, 300)}`;
      // Some of Ollama's routes want no body; they do as without one, or refuse.
      const expected = path.startsWith("/api/") ? ALLOWED : new Set([400, 404]);
      if (!expected.has(answer.status)) expect.fail(`${answer.status}: ${shown}`);
    });
    expect(unhandled).toEqual([]);
  });
});
