import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRecords } from "../../storage/records.ts";
import type { StateStore } from "../../storage/types.ts";

let root: string;
let dir: string;
let now: number;
let records: StateStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ccproxy-records-"));
  dir = join(root, "records");
  now = 1_000_000;
  records = createRecords({ dir, now: () => now });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const onlyFile = (): string => join(dir, readdirSync(dir)[0] ?? "");

describe("records", () => {
  it("are there for whoever opens the folder next, until they expire or are removed", async () => {
    expect(await records.keys()).toEqual([]);
    expect(await records.get("usage/2030-01-31")).toBeUndefined();
    await records.set("usage/2030-01-31", [1]);
    await records.set("usage/2030-02-01", [2], 1000);
    await records.set("../x", 0);
    const again = createRecords({ dir, now: () => now });
    expect(await again.keys("usage/")).toEqual(["usage/2030-01-31", "usage/2030-02-01"]);
    expect(await again.get("../x")).toBe(0);
    now += 1001;
    expect(await again.get("usage/2030-02-01")).toBeUndefined();
    expect(await again.keys("usage/")).toEqual(["usage/2030-01-31"]);
    await again.remove("usage/2030-01-31");
    await again.remove("usage/2030-01-31");
    expect(await again.keys()).toEqual(["../x"]);
    expect(readdirSync(root)).toEqual(["records"]);
  });

  it("are for their owner alone", async () => {
    await records.set("a", 1);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
  });

  it("that cannot be read are an error, not nothing", async () => {
    await records.set("a", 1);
    const file = onlyFile();
    rmSync(file);
    mkdirSync(file);
    await expect(records.get("a")).rejects.toMatchObject({ code: "EISDIR" });
    await expect(records.keys()).rejects.toMatchObject({ code: "EISDIR" });
    await expect(records.set("a", 2)).rejects.toMatchObject({ code: "EISDIR" });
  });

  it.runIf(process.getuid?.() !== 0)("that cannot be written are an error", async () => {
    await records.set("a", 1);
    chmodSync(dir, 0o500);
    await expect(records.set("a", 2)).rejects.toMatchObject({ code: "EACCES" });
    expect(await records.get("a")).toBe(1);
    chmodSync(dir, 0o700);
  });

  it.each(["", "{", "null", '{"value":1}', "\0\0"])("broken as %j are put aside", async (text) => {
    await records.set("a", 1);
    const file = onlyFile();
    writeFileSync(file, text);
    expect(await records.get("a")).toBeUndefined();
    const aside = readdirSync(dir).filter((name) => name.includes(".corrupt-"));
    expect(aside).toHaveLength(text === "" ? 0 : 1);
    await records.set("a", 2);
    expect(await records.get("a")).toBe(2);
    expect(await records.keys()).toEqual(["a"]);
  });
});
