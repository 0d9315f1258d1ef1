import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readUsage } from "../../../server/usage/read-usage.ts";
import { openStorage } from "../../../storage/index.ts";
import type { Config, KeyConfig } from "../../../storage/types.ts";
import { compileWriters } from "../../support/writer.ts";

/** `CCPROXY_TEST_LONG=1`: the full numbers, which take minutes. */
const LONG = process.env["CCPROXY_TEST_LONG"] === "1";
const KILLS = LONG ? 200 : 8;
const ROUNDS = LONG ? 1000 : 300;
const SIZES = [100, 4_000, 64_000, 300_000, 1_000_000];
const seed = Number(process.env["CCPROXY_TEST_SEED"] ?? 20_261_121);

let root: string;
let start: ReturnType<typeof compileWriters>;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "ccproxy-writers-"));
  start = compileWriters(join(root, "compiled"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const nextMessage = async <T>(child: ChildProcess): Promise<T> => (await once(child, "message"))[0] as T;

describe("R12a: kill -9 at any moment", () => {
  it.each(SIZES)(
    `of ${KILLS} writers of %i bytes: nothing corrupt, nothing acknowledged lost (seed ${seed})`,
    async (size) => {
      const random = createRandom(seed + size);
      const home = join(root, `kill-${size}`);
      mkdirSync(home, { mode: 0o700 });
      const file = join(home, "config.json");
      let acknowledged = 0;
      for (let kill = 0; kill < KILLS || (LONG && acknowledged < 1000); kill++) {
        const child = start(home, "endless", String(size));
        child.on("message", (count) => (acknowledged = Number(count)));
        await once(child, "message");
        await new Promise((resolve) => setTimeout(resolve, random() * 60));
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
        // Whole at this very moment, before anyone had a chance to mend it.
        const config = JSON.parse(readFileSync(file, "utf8")) as Config;
        const count = Number(config.providers["p"]?.params?.["count"]);
        expect(count).toBeGreaterThanOrEqual(acknowledged);
        // One that was on its way may have arrived, unacknowledged; more cannot.
        expect(count).toBeLessThanOrEqual(acknowledged + 1);
        for (const name of readdirSync(home))
          expect([name, modeOf(join(home, name))]).toEqual([name, name === "state" ? 0o700 : 0o600]);
        acknowledged = count;
      }
      expect(acknowledged).toBeGreaterThan(KILLS);
      const left = readdirSync(home).filter((name) => name.endsWith(".tmp")).length;
      const storage = await openStorage(home, { watch: false, now: () => Date.now() + 120_000 });
      expect(storage.config.problem).toBeUndefined();
      // Whoever was killed with the lock in hand holds up nobody, and what it left is gone.
      await storage.config.update((draft) => {
        draft.server.port = 1;
      });
      expect(readdirSync(home).filter((name) => /\.(?:tmp|lock|break)$/.test(name))).toEqual([]);
      await storage.close();
      if (LONG)
        console.info(`${size} bytes: ${acknowledged} writes, ${KILLS} kills, ${left} temporary files swept`);
    },
    LONG ? 1_800_000 : 60_000,
  );
});

describe("R13: usage", () => {
  it(
    `of ${KILLS} daemons killed at any moment: what was used more than a second before is counted, and nothing twice`,
    async () => {
      const random = createRandom(seed);
      const home = join(root, "usage");
      const now = Date.parse("2030-01-31T12:00:00Z");
      let [safe, told] = [0, 0];
      for (let kill = 0; kill < KILLS; kill++) {
        const child = start(home, "usage", new Date(now).toISOString());
        const uses: { count: number; at: number }[] = [];
        child.on("message", (use) => uses.push(use as { count: number; at: number }));
        await once(child, "message");
        await new Promise((resolve) => setTimeout(resolve, 400 + random() * 1200));
        const ended = once(child, "exit");
        const killedAt = Date.now();
        child.kill("SIGKILL");
        await ended;
        safe += uses.findLast(({ at }) => at < killedAt - 1000)?.count ?? 0;
        told += uses.at(-1)?.count ?? 0;
        const { records } = await openStorage(home, { watch: false });
        const rows = await readUsage(records, 1, now);
        const requests = rows.reduce((sum, row) => sum + row.requests, 0);
        expect(requests).toBeGreaterThanOrEqual(safe);
        // One may have been counted that it had no time to tell.
        expect(requests).toBeLessThanOrEqual(told + 1);
        expect(rows.reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0)).toBe(3 * requests);
        [safe, told] = [requests, requests];
      }
      expect(safe).toBeGreaterThan(KILLS);
    },
    LONG ? 1_800_000 : 60_000,
  );
});

describe("R12d: two writers", () => {
  it(
    `racing ${ROUNDS} times: one winner each, and no change lost`,
    async () => {
      const home = join(root, "race");
      mkdirSync(home, { mode: 0o700 });
      const file = join(home, "config.json");
      const race = { protocol: "ollama", baseUrl: "http://127.0.0.1:9", params: { round: 0 } };
      writeFileSync(file, JSON.stringify({ providers: { race } }));
      const writers = [start(home, "race", "a"), start(home, "race", "b")];
      try {
        await Promise.all(writers.map((writer) => nextMessage(writer)));
        let byFirst = 0;
        for (let round = 1; round <= ROUNDS; round++) {
          const answers = writers.map((writer) => nextMessage<{ won: boolean }>(writer));
          for (const writer of writers) writer.send(round);
          const won = (await Promise.all(answers)).map((answer) => answer.won);
          expect(won.filter(Boolean)).toHaveLength(1);
          if (won[0]) byFirst++;
        }
        const { providers } = JSON.parse(readFileSync(file, "utf8")) as Config;
        expect(providers["a"]?.params).toEqual({ count: ROUNDS });
        expect(providers["b"]?.params).toEqual({ count: ROUNDS });
        // Neither is starved, or it would be no race.
        expect(byFirst).toBeGreaterThan(ROUNDS / 20);
        expect(byFirst).toBeLessThan(ROUNDS - ROUNDS / 20);
      } finally {
        for (const writer of writers) writer.kill("SIGKILL");
      }
      expect(readdirSync(home).filter((name) => /\.(?:tmp|lock|break)$/.test(name))).toEqual([]);
    },
    LONG ? 1_800_000 : 60_000,
  );

  it("that make the secrets at once get the same ones", async () => {
    const writers = [start(join(root, "none"), "secrets", "a"), start(join(root, "none"), "secrets", "b")];
    try {
      await Promise.all(writers.map((writer) => nextMessage(writer)));
      for (let round = 0; round < 50; round++) {
        const home = join(root, `secrets-${round}`);
        const answers = writers.map((writer) =>
          nextMessage<{ token: string; secret: string; id: string; record: KeyConfig }>(writer),
        );
        for (const writer of writers) writer.send(home);
        const [a, b] = await Promise.all(answers);
        expect(a?.token).toBe(b?.token);
        const { keyRing } = await openStorage(home, { watch: false });
        for (const made of [a, b]) {
          if (made) expect(keyRing.verify(made.secret, { [made.id]: made.record }, 0)?.id).toBe(made.id);
        }
        expect(readdirSync(home).sort()).toEqual(["admin-token", "pepper"]);
      }
    } finally {
      for (const writer of writers) writer.kill("SIGKILL");
    }
  }, 30_000);
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Numbers below 1 that are the same in every run (mulberry32). */
function createRandom(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
