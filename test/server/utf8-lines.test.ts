import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createUtf8Lines } from "../../server/utf8-lines.ts";

const cutAt = (bytes: Buffer, cuts: number[]): Buffer[] => {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index]));
};

describe("createUtf8Lines", () => {
  it("trap 42: never splits a character, however the bytes are cut", () => {
    const text = fc
      .array(fc.constantFrom("\n", "\r\n", "a", "é", "漢", "😀", "\u0000", "\uFEFF"))
      .map((all) => all.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (whole, cuts) => {
        const lines = createUtf8Lines();
        let given = "";
        for (const chunk of cutAt(Buffer.from(whole), cuts)) {
          const piece = lines.push(chunk);
          expect(piece === "" || piece.endsWith("\n")).toBe(true);
          given += piece;
        }
        expect(lines.pending()).toBe(Buffer.byteLength(whole.slice(given.length)));
        expect(given + lines.end()).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("gives whole lines at once and keeps what is open", () => {
    const lines = createUtf8Lines();
    expect(lines.push(Buffer.from("a\nb"))).toBe("a\n");
    expect(lines.pending()).toBe(1);
    expect(lines.push(Buffer.from("c\nd\ne"))).toBe("bc\nd\n");
    expect(lines.end()).toBe("e");
    expect(lines.end()).toBe("");
  });

  it("gives what is cut off in a character as a replacement character", () => {
    const lines = createUtf8Lines();
    lines.push(Buffer.from("é").subarray(0, 1));
    expect(lines.end()).toBe("\uFFFD");
  });

  it("is linear in a long line of small chunks", () => {
    const lines = createUtf8Lines();
    const chunk = Buffer.alloc(16, "x");
    const began = performance.now();
    for (let count = 0; count < 100_000; count++) lines.push(chunk);
    expect(lines.push(Buffer.from("\n"))).toHaveLength(1_600_001);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
