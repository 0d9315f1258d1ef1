import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createAlikeParser } from "../../adapters/parse-alike.ts";

function parsePlainly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Texts of one shape with a few places that differ, and now and then something else between them. */
const texts = fc
  .tuple(fc.json({ maxDepth: 2 }), fc.constantFrom("id", "model", "with space", "ümlaut"))
  .chain(([other, key]) => {
    const piece = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.string());
    const alike = fc
      .tuple(piece, fc.oneof(fc.double({ noNaN: true }), fc.integer()), fc.constantFrom("a", "b"))
      .map(([text, number, word]) =>
        JSON.stringify({
          [key]: "same",
          at: number,
          choices: [{ index: 0, delta: { role: word, content: text } }, null, true],
          rest: JSON.parse(other) as unknown,
        }),
      );
    const broken = alike.chain((text) =>
      fc
        .tuple(
          fc.nat(text.length),
          fc.nat(3),
          fc.constantFrom("", '"', "\\", "\n", "{", "1", ",", "\\u12", "0"),
        )
        .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut)),
    );
    return fc.array(fc.oneof({ weight: 6, arbitrary: alike }, { weight: 1, arbitrary: broken }), {
      maxLength: 40,
    });
  });

describe("texts of a stream", () => {
  it("are what JSON.parse makes of them, whatever came before", () => {
    fc.assert(
      fc.property(texts, (all) => {
        const parse = createAlikeParser();
        for (const text of all) expect(parse(text)).toEqual(parsePlainly(text));
      }),
      { numRuns: 150 },
    );
  });

  it("are hardly ever read whole", () => {
    const all = Array.from({ length: 100 }, (_, at) =>
      JSON.stringify({ id: "x", at, delta: { text: `word ${at}` } }),
    );
    const read = vi.spyOn(JSON, "parse");
    const parse = createAlikeParser();
    for (const text of all) parse(text);
    const { length } = read.mock.calls;
    read.mockRestore();
    expect(length).toBeLessThan(5);
  });

  it("share nothing that a reader could change", () => {
    const parse = createAlikeParser();
    const read = (content: string) =>
      parse(JSON.stringify({ list: [{ a: 1 }], delta: { content } })) as {
        list: { a: number }[];
        delta: Record<string, unknown>;
      };
    for (const content of ["a", "b", "c", "d"]) {
      const value = read(content);
      expect(value).toEqual({ list: [{ a: 1 }], delta: { content } });
      value.list.push({ a: 2 });
      (value.list[0] as { a: number }).a = 3;
      value.delta["more"] = true;
    }
  });

  it.each([
    ['{"a":"x","a":"y"}', '{"a":"z","a":"y"}'],
    ['{"a":{"b":1},"a":2}', '{"a":{"b":7},"a":2}'],
    ['{"__proto__":{"a":"x"}}', '{"__proto__":{"a":"y"}}'],
    ['{"\\u0061":"x","a":"y"}', '{"\\u0061":"z","a":"y"}'],
    ['["a",1]', '["b",01]'],
    ['{"a":"x"}', '{"a":"y"} '],
    ['{"a":"x"}', '{"a":"y"}}'],
    ['{"a":1}', '{"a":-}'],
    ['"x"', '"y"'],
  ])("are not taken for others: %s, then %s", (first, second) => {
    const parse = createAlikeParser();
    for (const text of [first, first.replace("x", "w"), second, first, second])
      expect(parse(text)).toEqual(parsePlainly(text));
  });
});
