import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createCheckedText } from "../../storage/checked-text.ts";
import { openStorage } from "../../storage/index.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "checked-text-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it("knows the text again that it was told last, and no other", async () => {
  const file = join(dir, "state", "mark");
  const text = JSON.stringify({ providers: { a: { keys: ["sk-test-secret"] } } });
  expect(await createCheckedText(file).is(text)).toBe(false);
  await createCheckedText(file).remember(text);
  const later = createCheckedText(file);
  expect(await later.is(text)).toBe(true);
  for (const other of ["", `${text} `, text.replace("secret", "secreu"), text.slice(1)])
    expect(await later.is(other), other).toBe(false);
  expect(await readFile(file, "utf8")).not.toContain("secret");
  await later.remember("another");
  expect(await createCheckedText(file).is(text)).toBe(false);
});

it("tells what can be used from what has nothing to be said about", async () => {
  const file = join(dir, "mark");
  await createCheckedText(file).remember("warned");
  expect(createCheckedText(file).is("warned")).toBe(true);
  expect(createCheckedText(file).is("warned", "faultless")).toBe(false);
  await createCheckedText(file).remember("clean", "faultless");
  expect(createCheckedText(file).is("clean")).toBe(true);
  expect(createCheckedText(file).is("clean", "faultless")).toBe(true);
});

it("says at every start what there is to warn about, and means the same by a text each time", async () => {
  const lan = { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1" };
  for (const more of [{}, { colour: "red" }]) {
    const text = `\uFEFF${JSON.stringify({ providers: { lan }, ...more })}`;
    await writeFile(join(dir, "config.json"), text, { mode: 0o600 });
    const found: unknown[] = [];
    for (let start = 0; start < 3; start++) {
      const storage = await openStorage(dir, { watch: false });
      found.push([storage.config.current, storage.config.warnings, storage.config.problem]);
      await storage.close();
    }
    expect(found[0]).toEqual([
      expect.objectContaining({ providers: { lan } }),
      "colour" in more ? [expect.objectContaining({ pointer: "/colour" })] : [],
      undefined,
    ]);
    expect(found.slice(1)).toEqual([found[0], found[0]]);
  }
});

it("lets no configuration through that was changed by hand since it was checked", async () => {
  const file = join(dir, "config.json");
  const good = { providers: { lan: { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1" } } };
  await writeFile(file, JSON.stringify(good), { mode: 0o600 });
  for (let start = 0; start < 2; start++) await (await openStorage(dir, { watch: false })).close();
  const bad = JSON.stringify({ providers: { lan: { ...good.providers.lan, protocol: 7 } } });
  await writeFile(file, bad);
  const storage = await openStorage(dir, { watch: false });
  expect(storage.config.problem?.message).toContain("/providers/lan/protocol");
  await storage.close();
});
