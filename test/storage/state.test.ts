import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createState } from "../../storage/state.ts";

let dir: string;
let now: number;
const clock = (): number => now;

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "ccproxy-state-")), "state");
  now = 1_000_000;
});
afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }));

describe.each([
  ["in files", () => createState({ dir, now: clock })],
  ["in memory", () => createState({ now: clock })],
])("state %s", (_, create) => {
  it("gives back what was set, until it is removed", async () => {
    const state = create();
    expect(await state.get("a")).toBeUndefined();
    await state.set("a", { deep: [1, null] });
    expect(await state.get("a")).toEqual({ deep: [1, null] });
    await state.set("a", 0);
    expect(await state.get("a")).toBe(0);
    await state.remove("a");
    await state.remove("a");
    expect(await state.get("a")).toBeUndefined();
  });

  it("forgets when the time is over", async () => {
    const state = create();
    await state.set("a", 1, 1000);
    await state.set("b", 2);
    now += 999;
    expect(await state.keys()).toEqual(["a", "b"]);
    now += 1;
    expect(await state.get("a")).toBeUndefined();
    expect(await state.keys()).toEqual(["b"]);
  });

  it("takes any key, and keeps similar ones apart", async () => {
    const state = create();
    const keys = [
      "no-tools:lan/Qwen:30b",
      "no-tools:lan/qwen:30b",
      "a:b",
      "a/b",
      "a",
      "../../x",
      "?q",
      "ä",
      "x".repeat(1000),
      "",
      "__proto__",
      "a:b:",
    ];
    for (const key of keys) await state.set(key, key);
    for (const key of keys) expect(await state.get(key)).toBe(key);
    expect(await state.keys()).toEqual([...keys].sort());
    expect(await state.keys("no-tools:")).toEqual(["no-tools:lan/Qwen:30b", "no-tools:lan/qwen:30b"]);
  });
});

describe("state in files", () => {
  it("is there after a restart, and sweeps what expired meanwhile", async () => {
    const state = createState({ dir, now: clock });
    await state.set("a", 1);
    await state.set("b", 2, 10);
    now += 10;
    const next = createState({ dir, now: clock });
    expect(await next.get("a")).toBe(1);
    await vi.waitFor(() => expect(readdirSync(dir)).toHaveLength(1));
  });

  it("forgets broken files and survives an unwritable folder", async () => {
    const state = createState({ dir, now: clock });
    await state.set("a", 1);
    const [name = ""] = readdirSync(dir);
    for (const text of ["", "{", "null", "[]", '{"key":5}', '{"key":"other","value":1}']) {
      writeFileSync(join(dir, name), text);
      expect(await state.get("a")).toBeUndefined();
      expect(await state.keys()).toEqual([]);
    }
    rmSync(dir, { recursive: true });
    writeFileSync(dir, "a file where the folder should be");
    await state.set("a", 1);
    expect(await state.get("a")).toBeUndefined();
    expect(await state.keys()).toEqual([]);
    chmodSync(dir, 0o600);
  });
});
