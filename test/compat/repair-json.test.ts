import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repairJson } from "../../compat/repair-json.ts";
import { writeJson } from "../../compat/tools/values/json-value.ts";

interface Case {
  id: number;
  name: string;
  text: string;
  /** What jsonrepair makes of it; absent where it gives up. */
  value?: unknown;
}

const cases = readFileSync(new URL("../../fixtures/compat/jsonrepair.jsonl", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Case);

/** Where ours is another on purpose, by the reason; docs/dialects.md says the same in words. */
const DIFFERENCES: Record<string, number[]> = {
  "what was cut off is not completed": [
    39, 82, 96, 97, 99, 101, 102, 104, 105, 117, 118, 119, 120, 174, 287, 305, 306, 369, 370, 371, 372, 373,
    374, 375, 376, 377, 378,
  ],
  "what is left out is not left out in silence": [121, 122, 123, 124, 125, 126, 127, 128, 129, 130],
  "a quote too many is more likely than one too few": [84, 86, 87, 88, 92, 93, 94, 144, 146, 147],
  "other writings of a value stay as they were written": [111, 250, 251, 257, 259, 312, 313],
  "a value behind a word or between others is none of its own": [216, 236, 237, 238, 396, 398],
};
const DIFFERENT = new Set(Object.values(DIFFERENCES).flat());

/** Arguments are an object, and so is nearly every answer: of broken scalars nothing is made. */
const isScalar = ({ value, text }: Case): boolean =>
  typeof value !== "object" || value === null || /^\s*\w\s*[,\n]\s*\w\s*$/.test(text);

describe("the cases of jsonrepair", () => {
  it.each(cases)("$id $name: $text", (one) => {
    const read = repairJson(one.text);
    const json = read && writeJson(read.value);
    if (!("value" in one)) return expect(json).toBeUndefined();
    if (read === undefined && isScalar(one)) return undefined;
    if (DIFFERENT.has(one.id)) return expect(json).not.toBe(JSON.stringify(one.value));
    return expect(json).toBe(JSON.stringify(one.value));
  });

  it("agree but for the few listed", () => {
    expect(cases).toHaveLength(419);
    expect(DIFFERENT.size).toBe(60);
  });
});

describe("repairJson", () => {
  it("leaves JSON as it is", () => {
    expect(repairJson('{"a": [1, "x"]}')).toEqual({ value: { a: [1, "x"] }, repairs: [] });
    expect(repairJson(" 3 ")).toEqual({ value: 3, repairs: [] });
  });

  it("says what it forgave", () => {
    expect(repairJson("{a: 'b', }")?.repairs).toEqual(["bare words", "quotes", "comma"]);
    expect(repairJson('```{"a" 1}```')?.repairs).toEqual(["broken JSON"]);
  });

  it("asks the library only about text that is neither long nor deep", () => {
    const long = `{"a" ${"1".repeat(300_000)}}`;
    const deep = `{"a" ${"[".repeat(5000)}${"]".repeat(5000)}}`;
    const before = performance.now();
    expect(repairJson(long)).toBeUndefined();
    expect(repairJson(deep)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it("keeps integers beyond the doubles", () => {
    expect(writeJson(repairJson('{"id": 9007199254740993}')?.value)).toBe('{"id":9007199254740993}');
  });
});
