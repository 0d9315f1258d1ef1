import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStorage, openStorage } from "../../storage/index.ts";
import type { Config } from "../../storage/types.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ccproxy-keys-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = (): ReturnType<typeof openStorage> =>
  openStorage(home, { watch: false, now: () => NOW, env: { A_KEY: " a \n", EMPTY: "", HOME: home } });

describe("client keys", () => {
  it("are made once, recognised, and not kept in the record", async () => {
    const { keyRing } = await open();
    const { id, secret, record } = keyRing.create("laptop", ["a"]);
    expect(secret).toMatch(/^ccp_[0-9a-f]{8}_[0-9A-Za-z]{49}$/);
    expect(id).toBe(`k_${secret.slice(4, 12)}`);
    expect(record).toEqual({
      name: "laptop",
      groups: ["a"],
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      createdAt: "2026-01-01T00:00:00.000Z",
    });
    expect(JSON.stringify(record)).not.toContain(secret.slice(13));
    expect(keyRing.verify(secret, { [id]: record }, NOW)).toEqual({ id, key: record });
    // Another process with the same folder knows it too; another folder does not.
    expect((await open()).keyRing.verify(secret, { [id]: record }, NOW)?.id).toBe(id);
    expect(memoryStorage().keyRing.verify(secret, { [id]: record }, NOW)).toBeUndefined();
  });

  it("are refused when anything about them is wrong", async () => {
    const { keyRing } = await open();
    const { id, secret, record } = keyRing.create("x");
    const last = secret.at(-1) === "a" ? "b" : "a";
    const accepts = (text: string, keys: Config["keys"] = { [id]: record }, now = NOW): boolean =>
      keyRing.verify(text, keys, now) !== undefined;
    expect(accepts(secret)).toBe(true);
    expect(accepts(secret.slice(0, -1) + last), "checksum").toBe(false);
    expect(accepts(`${secret} `), "space").toBe(false);
    expect(accepts(""), "empty").toBe(false);
    expect(accepts(secret, {}), "unknown").toBe(false);
    expect(accepts(secret, { [id]: { ...record, enabled: false } }), "disabled").toBe(false);
    expect(accepts(secret, { [id]: { ...record, expiresAt: "2025-12-31" } }), "expired").toBe(false);
    expect(accepts(secret, { [id]: { ...record, expiresAt: "2026-01-01T00:00:00Z" } }), "expired now").toBe(
      false,
    );
    expect(accepts(secret, { [id]: { ...record, expiresAt: "2026-01-02" } }), "expires tomorrow").toBe(true);
    expect(accepts(secret, { [id]: { ...record, expiresAt: "whenever" } }), "unreadable date").toBe(false);
    expect(accepts(secret, { [id]: { ...record, hash: "" } }), "empty hash").toBe(false);
    expect(accepts(secret, { [id]: keyRing.create("other").record }), "another's hash").toBe(false);
  });

  it("an empty pepper locks everyone out", async () => {
    const { id, secret, record } = (await open()).keyRing.create("x");
    writeFileSync(join(home, "pepper"), "");
    const { keyRing } = await open();
    expect(keyRing.verify(secret, { [id]: record }, NOW)).toBeUndefined();
    expect(() => keyRing.create("y")).toThrow("holds no secret");
  });

  it("never repeat", () => {
    const { keyRing } = memoryStorage();
    expect(new Set(Array.from({ length: 500 }, () => keyRing.create("x").secret)).size).toBe(500);
  });
});

describe("the admin token", () => {
  it("is made once, for its owner only, and a wider mode is narrowed", async () => {
    const token = await (await open()).adminToken();
    expect(token).toMatch(/^cca_[0-9A-Za-z]{43}$/);
    const path = join(home, "admin-token");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    expect(await (await open()).adminToken()).toBe(token);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("an empty file is no token", async () => {
    writeFileSync(join(home, "admin-token"), "\n");
    await expect((await open()).adminToken()).rejects.toThrow("holds no secret");
  });
});

it("provider keys come from the environment, from files, or as they are", async () => {
  const { resolveKey } = await open();
  writeFileSync(join(home, "key.txt"), "from-file\nsecond line\n");
  expect(resolveKey("sk-literal")).toBe("sk-literal");
  expect(resolveKey("env:A_KEY")).toBe("a");
  expect(resolveKey("env:EMPTY")).toBeUndefined();
  expect(resolveKey("env:MISSING")).toBeUndefined();
  expect(resolveKey(`file:${join(home, "key.txt")}`)).toBe("from-file");
  expect(resolveKey("file:key.txt")).toBe("from-file");
  expect(resolveKey("file:~/key.txt")).toBe("from-file");
  expect(resolveKey("file:missing")).toBeUndefined();
});
