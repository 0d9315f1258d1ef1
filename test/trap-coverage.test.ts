import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/**
 * What breaks in practice between the protocols is numbered, 1 to 46 (`docs/conversions.md` lists them). Each has a test
 * that says so in its name, "trap 30: …" or "traps 5 and 7: …", or a reason here why it cannot happen.
 */
const COUNT = 46;
const CANNOT_HAPPEN: ReadonlyMap<number, string> = new Map([]);

const TESTS = new URL("./", import.meta.url);
const NAMED = /["'`](?:[^"'`\n]*[^"'`\n\w])?traps? ((?:\d+(?:, | and )?)+):/g;

function listNumbers(): Set<number> {
  const numbers = new Set<number>();
  for (const file of readdirSync(TESTS, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".test.ts") || file === "trap-coverage.test.ts") continue;
    const source = readFileSync(new URL(file, TESTS), "utf8");
    for (const [, list = ""] of source.matchAll(NAMED)) {
      for (const number of list.match(/\d+/g) ?? []) numbers.add(Number(number));
    }
  }
  return numbers;
}

it("every trap has a test, or a reason why it cannot happen", () => {
  const tested = listNumbers();
  const all = Array.from({ length: COUNT }, (_, index) => index + 1);
  expect(all.filter((number) => !tested.has(number) && !CANNOT_HAPPEN.has(number))).toEqual([]);
  expect([...tested].filter((number) => number < 1 || number > COUNT)).toEqual([]);
});

it("the list of traps in the documentation has all of them", () => {
  const text = readFileSync(new URL("../docs/conversions.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  expect(rows).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
});
