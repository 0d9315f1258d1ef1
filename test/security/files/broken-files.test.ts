import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStorage } from "../../../storage/index.ts";

const GOOD = JSON.stringify({
  server: { port: 4321 },
  providers: { lan: { protocol: "ollama", baseUrl: "http://127.0.0.1:9", keys: ["k-1"] } },
  groups: { a: { models: { "*": "lan/*" } } },
  keys: { k_1: { name: "ä", hash: "0".repeat(64) } },
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "ccproxy-broken-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A home whose last good configuration is GOOD, or one that has none, and what is in its file now. */
function prepare(name: string, content: Uint8Array, { backup = true } = {}): string {
  const home = join(root, name);
  mkdirSync(home, { mode: 0o700 });
  if (backup) writeFileSync(join(home, "config.json.bak"), GOOD, { mode: 0o600 });
  writeFileSync(join(home, "config.json"), content, { mode: 0o600 });
  return home;
}

it("R12e: 300 broken files at the start: the last good copy serves, the broken one is kept, and it is said", async () => {
  const corpus = toCorpus();
  expect(corpus.length).toBeGreaterThanOrEqual(300);
  for (const [index, [name, content]] of corpus.entries()) {
    const home = prepare(`broken-${index}`, content);
    const { config, close } = await openStorage(home, { watch: false });
    expect([name, config.current.server.port]).toEqual([name, 4321]);
    expect(Object.keys(config.current.keys), name).toEqual(["k_1"]);
    expect(config.problem?.message, name).toContain("config.json.bak serves in its place");
    expect(config.problem?.line, name).toBeGreaterThan(0);
    expect(readFileSync(join(home, "config.json")).equals(content), name).toBe(true);
    const aside = readdirSync(home).filter((entry) => entry.includes(".corrupt-"));
    // Nothing to keep, or readable and so never written over.
    const needsNone = content.toString("latin1").trim() === "" || isJson(content);
    expect(aside, name).toHaveLength(needsNone ? 0 : 1);
    for (const kept of aside) expect(readFileSync(join(home, kept)).equals(content), name).toBe(true);
    await close();
    // A second start finds the same, and keeps no second copy.
    await (await openStorage(home, { watch: false })).close();
    expect(readdirSync(home).filter((entry) => entry.includes(".corrupt-"))).toEqual(aside);
    rmSync(home, { recursive: true });
  }
});

it("R12e: without a good copy none of them starts: defaults would let anyone in", async () => {
  for (const [index, [name, content]] of toCorpus().entries()) {
    const home = prepare(`alone-${index}`, content, { backup: false });
    await expect(openStorage(home, { watch: false }), name).rejects.toMatchObject({ code: "CONFIG_REFUSED" });
    rmSync(home, { recursive: true });
  }
});

it("R12e: a byte order mark or a missing line break breaks nothing", async () => {
  for (const [index, text] of [`\uFEFF${GOOD}`, `${GOOD}\n`, GOOD, `\uFEFF${GOOD}\r\n`].entries()) {
    const home = prepare(`fine-${index}`, Buffer.from(text));
    const { config, close } = await openStorage(home, { watch: false });
    expect(config.problem).toBeUndefined();
    expect(config.current.server.port).toBe(4321);
    await close();
  }
});

it("R12e: a copy that is broken, too, serves nobody", async () => {
  for (const [index, [name, content]] of toCorpus().slice(0, 40).entries()) {
    const home = prepare(`both-${index}`, content);
    writeFileSync(join(home, "config.json.bak"), content);
    await expect(openStorage(home, { watch: false }), name).rejects.toMatchObject({ code: "CONFIG_REFUSED" });
  }
});

function isJson(content: Buffer): boolean {
  try {
    JSON.parse(content.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

/** Truncated at every offset, zeroed, with zeros or garbage in it, in another encoding. */
function toCorpus(): [string, Buffer][] {
  const good = Buffer.from(GOOD);
  const corpus: [string, Buffer][] = [];
  for (let length = 0; length < good.length; length++)
    corpus.push([`cut at ${length}`, good.subarray(0, length)]);
  for (const size of [1, 2, 100, 511, 512, 4096, 65_536]) {
    corpus.push([`${size} zeros`, Buffer.alloc(size)]);
    corpus.push([
      `cut and filled with ${size} zeros`,
      Buffer.concat([good.subarray(0, 60), Buffer.alloc(size)]),
    ]);
    corpus.push([`followed by ${size} zeros`, Buffer.concat([good, Buffer.alloc(size)])]);
  }
  let state = 1;
  const garbage = (size: number): Buffer =>
    Buffer.from(Array.from({ length: size }, () => (state = (state * 16_807) % 2_147_483_647) & 255));
  for (let size = 1; size <= 40; size++) corpus.push([`${size} random bytes`, garbage(size * size)]);
  for (let at = 0; at < good.length; at += 20) {
    const zero = Buffer.concat([good.subarray(0, at), Buffer.alloc(1), good.subarray(at)]);
    corpus.push([`a zero at ${at}`, zero]);
  }
  corpus.push(["UTF-16 LE", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(GOOD, "utf16le")])]);
  corpus.push([
    "UTF-16 BE",
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(GOOD, "utf16le").swap16()]),
  ]);
  corpus.push(["two marks", Buffer.from(`\uFEFF\uFEFF${GOOD}`)]);
  corpus.push(["mark and half", Buffer.from(`\uFEFF${GOOD.slice(0, 50)}`)]);
  corpus.push(["twice", Buffer.from(GOOD + GOOD)]);
  for (const text of [
    "<html></html>",
    "null",
    "[]",
    '"text"',
    "1",
    "true",
    "{}{}",
    "//\n{}",
    "{,}",
    "\n\n\n",
  ])
    corpus.push([JSON.stringify(text), Buffer.from(text)]);
  return corpus;
}
