import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredAnswer } from "../../adapters/adapter.ts";
import { createStoredResponses, type StoredLimits } from "../../server/stored-responses.ts";
import { memoryStorage, openStorage } from "../../storage/index.ts";
import type { StateStore } from "../../storage/types.ts";

const make = (id: string, text = "hi"): StoredAnswer => ({
  id,
  input: [{ role: "user", content: text }],
  answer: { id, output: [] },
});
const alice = { keyId: "k_a", groups: ["work"] };

let clock = 0;
const create = (state: StateStore = memoryStorage().state, limits: Partial<StoredLimits> = {}) =>
  createStoredResponses(state, () => clock, limits);

beforeEach(() => {
  clock = 1_760_000_000_000;
});

describe("createStoredResponses", () => {
  it("finds an answer at once, and when it has been written", async () => {
    const stored = create();
    stored.keep(alice, "work", make("a"));
    expect(await stored.find(alice, "a")).toEqual(make("a"));
    await stored.settle();
    expect(await stored.find(alice, "a")).toEqual(make("a"));
    expect(await stored.find(alice, "b")).toBeUndefined();
  });

  it("shows it to nobody but the key that asked, while that reaches the group", async () => {
    const stored = create();
    stored.keep(alice, "work", make("a"));
    const others = [{}, { keyId: "k_b" }, { keyId: "" }, { keyId: "k_a", groups: ["play"] }];
    for (const settled of [false, true]) {
      if (settled) await stored.settle();
      for (const other of others) expect(await stored.find(other, "a")).toBeUndefined();
      expect(await stored.find({ keyId: "k_a", groups: ["WORK"] }, "a")).toBeDefined();
      expect(await stored.find({ keyId: "k_a" }, "a")).toBeDefined();
    }
    await stored.remove({ keyId: "k_b" }, "a");
    expect(await stored.find(alice, "a")).toBeDefined();
  });

  it("cannot be talked into another key's answers by an id", async () => {
    const stored = create();
    stored.keep({ keyId: "k" }, "work", make('a","b'));
    await stored.settle();
    expect(await stored.find({ keyId: 'k","a' }, "b")).toBeUndefined();
    expect(await stored.find({}, 'k","a","b')).toBeUndefined();
  });

  it("removes for good, also what is just being written", async () => {
    const stored = create();
    stored.keep(alice, "work", make("a"));
    await stored.remove(alice, "a");
    await stored.settle();
    expect(await stored.find(alice, "a")).toBeUndefined();
  });

  it("does not keep what is too large", async () => {
    const stored = create(undefined, { maxBytes: 1000 });
    stored.keep(alice, "work", make("big", "x".repeat(1000)));
    stored.keep(alice, "work", make("bytes", "€".repeat(350)));
    stored.keep(alice, "work", make("small", "x".repeat(500)));
    expect(await stored.find(alice, "big")).toBeUndefined();
    expect(await stored.find(alice, "bytes")).toBeUndefined();
    expect(await stored.find(alice, "small")).toBeDefined();
  });

  it.each([{ maxCount: 2 }, { maxTotal: 2500 }])("forgets the oldest beyond %j", async (limits) => {
    const { state } = memoryStorage();
    const stored = create(state, limits);
    for (const id of ["a", "b", "c"]) stored.keep(alice, "work", make(id, "x".repeat(1000)));
    await stored.settle();
    expect(await stored.find(alice, "a")).toBeUndefined();
    expect(await stored.find(alice, "b")).toBeDefined();
    expect(await stored.find(alice, "c")).toBeDefined();
    expect(await state.keys("stored-answer:")).toHaveLength(2);
  });

  it("answers on when nothing can be written or what was written is spoilt", async () => {
    const values: Record<string, unknown> = { "stored-answers": [{ key: 5 }, "x"] };
    const broken: StateStore = {
      get: async <T>(key: string) => (key in values ? values[key] : { group: "work", stored: {} }) as T,
      set: () => Promise.reject(new Error("full")),
      remove: () => Promise.reject(new Error("full")),
      keys: () => Promise.reject(new Error("full")),
    };
    const stored = create(broken);
    stored.keep(alice, "work", make("a"));
    await stored.settle();
    expect(await stored.find(alice, "a")).toBeUndefined();
  });
});

describe("over a folder", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "stored-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const open = (): ReturnType<typeof openStorage> => openStorage(dir, { watch: false, now: () => clock });

  it("survives a restart, and counts on from what there was", async () => {
    const first = await open();
    const before = create(first.state, { maxCount: 2 });
    before.keep(alice, "work", make("a"));
    before.keep(alice, "work", make("b"));
    await before.settle();
    await first.close();

    const second = await open();
    const after = create(second.state, { maxCount: 2 });
    expect(await after.find(alice, "a")).toEqual(make("a"));
    after.keep(alice, "work", make("c"));
    await after.settle();
    expect(await after.find(alice, "a")).toBeUndefined();
    expect(await after.find(alice, "b")).toEqual(make("b"));
    await second.close();
  });

  it("forgets after its time, and clears away what expired", async () => {
    const { state, close } = await open();
    const stored = create(state, { ttlMs: 1000 });
    stored.keep(alice, "work", make("a"));
    await stored.settle();
    clock += 999;
    expect(await stored.find(alice, "a")).toBeDefined();
    clock += 1;
    expect(await stored.find(alice, "a")).toBeUndefined();
    stored.keep(alice, "work", make("b"));
    await stored.settle();
    expect(await state.get("stored-answers")).toHaveLength(1);
    await close();
  });
});
