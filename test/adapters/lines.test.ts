import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createLineSplitter } from "../../adapters/lines.ts";

const split = (pieces: string[]): string[] => {
  const lines = createLineSplitter();
  return [...pieces.flatMap((piece) => lines.push(piece)), ...lines.end()];
};

/** `text` cut at each of `cuts`, taken modulo its length. */
const cutAt = (text: string, cuts: number[]): string[] => {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index]));
};

const pieces = fc.array(fc.constantFrom("\n", "\r", "\r\n", "a", "bc", "", ":", " ", "\uFEFF", "é", "😀"), {
  maxLength: 30,
});

describe("createLineSplitter", () => {
  it("ends lines at LF, CRLF and CR, also mixed", () => {
    expect(split(["a\nb\r\nc\rd\n\r\n\re"])).toEqual(["a", "b", "c", "d", "", "", "e"]);
  });

  it("gives the text after the last line end only at the end", () => {
    const lines = createLineSplitter();
    expect(lines.push("a\nb")).toEqual(["a"]);
    expect(lines.push("c")).toEqual([]);
    expect(lines.end()).toEqual(["bc"]);
    expect(lines.end()).toEqual([]);
  });

  it("takes a CR and the LF of the next piece for one line end", () => {
    const lines = createLineSplitter();
    expect(lines.push("a\r")).toEqual(["a"]);
    expect(lines.push("\nb\n")).toEqual(["b"]);
  });

  it("leaves out a byte-order mark at the beginning, and only there", () => {
    expect(split(["\uFEFFa\n\uFEFFb"])).toEqual(["a", "\uFEFFb"]);
    expect(split(["", "\uFEFF", "a"])).toEqual(["a"]);
  });

  it("splits the same way for every cut as a plain split does", () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 8 }), (parts, cuts) => {
        const text = parts.join("");
        const whole = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
        if (whole.at(-1) === "") whole.pop();
        expect(split([text])).toEqual(whole);
        expect(split(text.split(""))).toEqual(whole);
        expect(split(cutAt(text, cuts))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("is linear in a text of carriage returns and in a line of many pieces", () => {
    const began = performance.now();
    expect(split([`${"\r".repeat(1_000_000)}\n`])).toHaveLength(1_000_000);
    const small = createLineSplitter();
    for (let piece = 0; piece < 200_000; piece++) small.push("0123456789");
    expect(small.push("\n")[0]).toHaveLength(2_000_000);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
