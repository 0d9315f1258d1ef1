import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createNdjsonParser, writeNdjson } from "../../adapters/ndjson.ts";

const parse = (pieces: string[]): string[] => {
  const parser = createNdjsonParser();
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
};

describe("createNdjsonParser", () => {
  it("leaves out empty lines and keeps a last line without its end", () => {
    expect(parse(["\uFEFF{}\r\n\n  \n[1]\r{}"])).toEqual(["{}", "[1]", "{}"]);
  });

  it("reads what writeNdjson wrote, for every cut", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }), fc.nat(), (values, cut) => {
        const text = values.map(writeNdjson).join("");
        const lines = values.map((value) => JSON.stringify(value));
        const at = text.length ? cut % text.length : 0;
        expect(parse([text.slice(0, at), text.slice(at)])).toEqual(lines);
        expect(parse(text.split(""))).toEqual(lines);
      }),
      { numRuns: 200 },
    );
  });
});
