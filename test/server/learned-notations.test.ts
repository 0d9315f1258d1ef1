import { expect, it } from "vitest";
import { createLearnedNotations } from "../../server/learned-notations.ts";
import type { StateStore } from "../../storage/types.ts";

function memory(entries: Record<string, unknown> = {}): StateStore {
  const kept = new Map(Object.entries(entries));
  return {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: unknown) => void kept.set(key, value),
    remove: async (key: string) => void kept.delete(key),
    keys: async (prefix = "") => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  } as StateStore;
}

it("is known at once, per provider and model, and in the next run", async () => {
  const state = memory({ "writes:up/torn": "qwen" });
  const first = createLearnedNotations(state, () => 0);
  first.learn("glm", "up", "m");
  expect(first.find("up", "m")).toBe("glm");
  expect(first.find("down", "m")).toBeUndefined();
  const next = createLearnedNotations(state, () => 1);
  await next.load();
  expect(next.find("up", "m")).toBe("glm");
  expect(next.find("up", "torn")).toBeUndefined();
});

it("is forgotten after seven days", () => {
  let now = 0;
  const notations = createLearnedNotations(memory(), () => now);
  notations.learn("glm", "up", "m");
  now = 7 * 24 * 3_600_000;
  expect(notations.find("up", "m")).toBeUndefined();
});

it("works on when nothing can be stored", () => {
  const broken = { ...memory(), set: () => Promise.reject(new Error("full")) } as StateStore;
  const notations = createLearnedNotations(broken);
  notations.learn("glm", "up", "m");
  expect(notations.find("up", "m")).toBe("glm");
});
