import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createLedger } from "../../server/usage/ledger.ts";
import { openStorage } from "../../storage/index.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

let cli: TestCli;
beforeEach(async () => {
  cli = createTestCli();
  mkdirSync(cli.home);
  const storage = await openStorage(cli.home, { watch: false });
  const ledger = createLedger(storage.records);
  const entry = { method: "POST", path: "/", status: 200, ms: 1, group: "default", model: "m", alias: "*" };
  const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString();
  ledger.record({ ...entry, time: day(0), target: "p/m", key: "k_1", inputTokens: 1200, outputTokens: 30 });
  ledger.record({ ...entry, time: day(0), target: "p/n", inputTokens: 7, outputTokens: 3, estimated: true });
  ledger.record({ ...entry, time: day(1), target: "p/m", key: "k_1", inputTokens: 100, outputTokens: 1 });
  await ledger.flush();
  await storage.close();
});
afterEach(() => cli.remove());

it("adds up by target, key, alias or day, estimates apart", async () => {
  const { out } = await cli.run("usage");
  expect(out).toMatch(
    /^TARGET +REQUESTS +ERRORS +INPUT +CACHED +OUTPUT +ESTIMATED\np\/m +1 +0 +1,200 +0 +30\n/,
  );
  expect(out).toMatch(/p\/n +1 +0 +0 +0 +0 +7 \+ 3\n/);
  expect(await cli.json("usage", "--days", "2", "--by", "key")).toEqual([
    expect.objectContaining({ name: "k_1", requests: 2, inputTokens: 1300, outputTokens: 31 }),
    expect.objectContaining({ name: "-", estimated: { requests: 1, inputTokens: 7, outputTokens: 3 } }),
  ]);
  expect(await cli.json("usage", "--days", "2", "--by", "day")).toHaveLength(2);
  expect(await cli.json("usage", "--by", "alias")).toEqual([
    expect.objectContaining({ name: "default@*", requests: 2 }),
  ]);
});

it("adds up by provider and model, since a day or for a span", async () => {
  expect(await cli.json("usage", "--since", "1d", "--by", "provider")).toEqual([
    expect.objectContaining({ name: "p", requests: 3, inputTokens: 1300 }),
  ]);
  expect(await cli.json("usage", "--by", "model", "--since", new Date().toISOString().slice(0, 10))).toEqual([
    expect.objectContaining({ name: "m", requests: 1 }),
    expect.objectContaining({ name: "n", requests: 1 }),
  ]);
  for (const since of ["yesterday", "20w", "2999-01-01"])
    expect(await cli.run("usage", "--since", since)).toMatchObject({ code: 2 });
});

it("refuses days that are none", async () => {
  for (const days of ["0", "1.5", "91", "many"])
    expect(await cli.run("usage", "--days", days)).toMatchObject({ code: 2 });
  expect(await cli.run("usage", "--by", "colour")).toMatchObject({ code: 2 });
});
