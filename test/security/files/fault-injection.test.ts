import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openStorage } from "../../../storage/index.ts";
import type { Config, Storage } from "../../../storage/types.ts";
import { arm, faults, type FaultManner } from "../../support/faulty-fs.ts";

vi.mock("node:fs/promises", async (load) =>
  (await import("../../support/faulty-fs.ts")).withFaults(await load()),
);
vi.mock("node:fs", async (load) => (await import("../../support/faulty-fs.ts")).withSyncFaults(await load()));

const MANNERS: [string, FaultManner][] = [
  ["ENOSPC", "before"],
  ["ENOSPC", "half"],
  ["EIO", "before"],
  ["EIO", "after"],
  ["EACCES", "before"],
  ["EROFS", "before"],
  ["EBUSY", "before"],
  ["EPERM", "before"],
];
/** A disk that stays as it is. */
const LASTING: [string, FaultManner][] = [
  ["EIO", "ever"],
  ["EACCES", "ever"],
];

const lan = { protocol: "ollama", baseUrl: "http://127.0.0.1:9", keys: ["literal-provider-key"] };
const other = { protocol: "openai", baseUrl: "http://127.0.0.1:8/v1" };
/** Enough for what swallows every code alike. */
const FEW = MANNERS.filter(([code], index) => index === 1 || code === "EIO");
let home: string;
let opened: Storage[];
const file = (name = "config.json"): string => join(home, name);
const names = (): string[] => readdirSync(home).sort();
const onDisk = (): Partial<Config> => JSON.parse(readFileSync(file(), "utf8")) as Partial<Config>;

async function open(now?: () => number): Promise<Storage> {
  const storage = await openStorage(home, { watch: false, ...(now && { now }) });
  opened.push(storage);
  return storage;
}

const add = (storage: Storage, name: string): Promise<void> =>
  storage.config.update((draft) => {
    draft.providers[name] = other;
  });

async function settled(work: Promise<unknown>): Promise<(Error & { code?: string }) | undefined> {
  return work.then(
    () => undefined,
    (error: Error) => error,
  );
}

/** A home with one good configuration and its copy. */
async function prepare(): Promise<void> {
  faults.armed = false;
  if (home) rmSync(home, { recursive: true, force: true });
  home = mkdtempSync(join(tmpdir(), "ccproxy-faults-"));
  const storage = await open();
  await storage.config.update((draft) => {
    draft.providers["lan"] = lan;
  });
}

/** Runs `round` with the fault at every call in turn, until one run does not reach it. */
async function atEveryCall(
  code: string,
  manner: FaultManner,
  round: (armed: (at?: number) => void) => Promise<void>,
): Promise<number> {
  for (let at = 0; ; at++) {
    await prepare();
    await round(() => arm(at, code, manner));
    faults.armed = false;
    if (!faults.hit) return at;
    if (at > 200) throw new Error("does not end");
  }
}

/** What may fail in silence: the copies beside the file, what was checked, giving up the lock. The change may not. */
function isBesides(calls: string[], at: number): boolean {
  const call = calls[at] ?? "";
  const renamed = calls.slice(0, at).lastIndexOf("rename .config.json.#.tmp");
  return renamed !== -1 && [...calls.slice(renamed + 1, at), call].some((one) => BESIDES.test(one));
}

const BESIDES = /config\.json\.(?:bak|lock)|checked-config/;

beforeEach(() => {
  home = "";
  opened = [];
});
afterEach(async () => {
  faults.armed = false;
  for (const storage of opened) await storage.close();
  rmSync(home, { recursive: true, force: true });
});

it("R12b: a change goes to disk in the order that a power cut survives", async () => {
  await prepare();
  const storage = await open();
  arm(Infinity);
  await add(storage, "new");
  faults.armed = false;
  const { calls } = faults;
  const start = calls.indexOf("open .config.json.#.tmp");
  const folder = home.replace(/^.*\//, "");
  expect(calls.slice(start, start + 9)).toEqual([
    "open .config.json.#.tmp",
    "chmod .config.json.#.tmp",
    "writeFile .config.json.#.tmp",
    "sync .config.json.#.tmp",
    "close .config.json.#.tmp",
    "stat config.json",
    "rename .config.json.#.tmp",
    `open ${folder}`,
    `sync ${folder}`,
  ]);
});

describe("R12c: every call to the file system fails in turn", () => {
  it.each(MANNERS)("%s %s: a change is made or it is not, and who asked is told", async (code, manner) => {
    const tried = await atEveryCall(code, manner, async (armed) => {
      const storage = await open();
      const before = readFileSync(file(), "utf8");
      armed();
      const failure = await settled(add(storage, "new"));
      faults.armed = false;
      const where = `${code} ${manner} at ${faults.calls[faults.at]}`;
      const text = readFileSync(file(), "utf8");
      const written = JSON.parse(text) as Config;
      expect(statSync(file()).mode & 0o777, where).toBe(0o600);
      // Memory says what the file says, whatever happened.
      expect(storage.config.current.providers, where).toEqual(written.providers);
      if (failure) {
        expect(failure.message, where).toContain(code);
        // Only what failed after the new text was in place may leave it there.
        if (text !== before) expect(where).toMatch(/after at rename|at (?:open|sync|close) ccproxy-faults/);
      } else {
        expect(written.providers, where).toHaveProperty("new");
        if (faults.hit) expect(isBesides(faults.calls, faults.at), where).toBe(true);
      }
      expect(
        names().filter((name) => name.endsWith(".tmp")),
        where,
      ).toEqual([]);
      // Nothing stands in the way of the next one, which leaves nothing behind.
      await add(storage, "next");
      expect(Object.keys(onDisk().providers ?? {}), where).toEqual(
        expect.arrayContaining(["lan", ...(failure ? [] : ["new"]), "next"]),
      );
      const again = await open(() => Date.now() + 120_000);
      expect(again.config.problem, where).toBeUndefined();
      expect(again.config.current.providers, where).toEqual(onDisk().providers);
      expect(
        names().filter(
          (name) => !/^(?:config\.(?:schema\.)?json(?:\.bak(?:-\d{8}T\d{9}Z)?)?|state)$/.test(name),
        ),
        where,
      ).toEqual([]);
    });
    expect(tried).toBeGreaterThan(30);
  });

  it.each([...MANNERS, ...LASTING])(
    "%s %s: a start reads the configuration or fails, and never goes on without",
    async (code, manner) => {
      let refused = 0;
      const tried = await atEveryCall(code, manner, async (armed) => {
        armed();
        const failure = await settled(open());
        faults.armed = false;
        const where = `${code} ${manner} at ${faults.calls[faults.at]}`;
        if (failure) refused++;
        else expect(opened.at(-1)?.config.current.providers, where).toEqual({ lan });
        expect(onDisk().providers, where).toEqual({ lan });
      });
      expect(tried).toBeGreaterThan(8);
      expect(refused).toBeGreaterThan(0);
    },
  );

  it.each(FEW)("%s %s: secrets are made whole or not at all", async (code, manner) => {
    const tried = await atEveryCall(code, manner, async (armed) => {
      const storage = await open();
      armed();
      const failures = [
        await settled(storage.adminToken()),
        await settled(Promise.resolve().then(() => storage.keyRing.create("x"))),
      ];
      faults.armed = false;
      const where = `${code} ${manner} at ${faults.calls[faults.at]}`;
      for (const failure of failures) if (failure) expect(failure.message, where).toContain(code);
      if (!/unlinkSync|after at openSync/.test(where))
        expect(
          names().filter((name) => name.endsWith(".tmp")),
          where,
        ).toEqual([]);
      const token = await storage.adminToken();
      expect(token, where).toMatch(/^cca_[0-9A-Za-z]{43}$/);
      expect(readFileSync(file("admin-token"), "utf8"), where).toBe(`${token}\n`);
      const { id, secret, record } = storage.keyRing.create("y");
      const again = await open(() => Date.now() + 120_000);
      expect(again.keyRing.verify(secret, { [id]: record }, 0)?.id, where).toBe(id);
      for (const name of ["admin-token", "pepper"])
        expect(statSync(file(name)).mode & 0o777, where).toBe(0o600);
      expect(
        names().filter((name) => name.endsWith(".tmp")),
        where,
      ).toEqual([]);
    });
    expect(tried).toBeGreaterThan(15);
  });

  it.each(FEW)("%s %s: state forgets, and never fails or makes things up", async (code, manner) => {
    const tried = await atEveryCall(code, manner, async (armed) => {
      const { state } = await open();
      await state.set("a", { whole: [1, 2, 3] });
      armed();
      await state.set("a", { whole: [4, 5, 6] });
      await state.set("b", "new");
      const during: unknown[] = [await state.get("a"), await state.get("b")];
      await state.keys();
      faults.armed = false;
      const after = [await state.get("a"), await state.get("b")];
      for (const [a, b] of [during, after]) {
        expect([undefined, "[1,2,3]", "[4,5,6]"]).toContain(
          a && JSON.stringify((a as { whole: number[] }).whole),
        );
        expect([undefined, "new"]).toContain(b);
      }
    });
    expect(tried).toBeGreaterThan(20);
  });
});
