import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("says a word that V8 knows", () => {
  const source = readFileSync(new URL("../../server/stay-young.ts", import.meta.url), "utf8");
  const [, word] = /setFlagsFromString\("(.+)"\)/.exec(source) ?? [];
  expect(word).toMatch(/^--/);
  // V8 answers an unknown word on stderr alone.
  const script = `require("node:v8").setFlagsFromString(${JSON.stringify(word)})`;
  const { status, stderr } = spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});
