import { describe, expect, it } from "vitest";
import { writeGoJson, writeGoNdjson } from "../../adapters/go-encode.ts";

describe("writeGoJson", () => {
  it.each([
    ["plain \u00e4 \u{1f600} \u007f", '"plain \u00e4 \u{1f600} \u007f"'],
    ["<b>&amp;</b>", '"\\u003cb\\u003e\\u0026amp;\\u003c/b\\u003e"'],
    ["\u2028\u2029", '"\\u2028\\u2029"'],
    ['\\ " \n \b \u0001', '"\\\\ \\" \\n \\b \\u0001"'],
    ["\\u003c", '"\\\\u003c"'],
    [{ "<": [1, true, null, "&"] }, '{"\\u003c":[1,true,null,"\\u0026"]}'],
  ])("of %j", (value, json) => {
    expect(writeGoJson(value)).toBe(json);
    expect(JSON.parse(json)).toEqual(value);
    expect(writeGoNdjson(value)).toBe(`${json}\n`);
  });

  it("takes time in proportion to the text", () => {
    const text = "<".repeat(1_000_000);
    expect(writeGoJson(text)).toHaveLength(6_000_002);
  });
});
