import { describe, expect, it } from "vitest";
import { createByteLines } from "../../server/byte-lines.ts";

describe("createByteLines", () => {
  const bytes = Buffer.from("one\r\n\ntwo 🌍\nthe rest");

  it("gives whole lines and loses nothing, for every two-way cut", () => {
    for (let at = 0; at <= bytes.length; at++) {
      const lines = createByteLines();
      const pieces = [lines.push(bytes.subarray(0, at)), lines.push(bytes.subarray(at))];
      for (const piece of pieces) expect(piece.length === 0 || piece.at(-1) === 10).toBe(true);
      expect(lines.pending()).toBe("the rest".length);
      expect(Buffer.concat([...pieces, lines.end()])).toEqual(bytes);
      expect(lines.pending()).toBe(0);
    }
  });

  it("copies nothing where a chunk ends with its line", () => {
    const chunk = Buffer.from("a\nb\n");
    expect(createByteLines().push(chunk)).toBe(chunk);
  });
});
