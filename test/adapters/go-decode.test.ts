import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import { decodeGoJson } from "../../adapters/go-decode.ts";

describe("decodeGoJson", () => {
  it("reads the first value and not what comes behind it", () => {
    expect(decodeGoJson('{"a":[1,{"b":"}"}],"c":-1.5e+3}}{')).toEqual({ a: [1, { b: "}" }], c: -1500 });
    expect(decodeGoJson(' [ ] {"a":1}')).toEqual([]);
    expect(decodeGoJson("null junk")).toBeNull();
    expect(decodeGoJson('"a\\u00e9\\n" "b"')).toBe("aé\n");
    expect(decodeGoJson("01")).toBe(0);
    expect(decodeGoJson("{}\0")).toEqual({});
  });

  it.each([
    ["", "unexpected EOF"],
    ["{", "unexpected EOF"],
    ['{"a":', "unexpected EOF"],
    ['{"a', "unexpected EOF"],
    ["-", "unexpected EOF"],
    ["tru", "unexpected EOF"],
    ["hello", "invalid character 'h' looking for beginning of value"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["{a:1}", "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["nule", "invalid character 'e' in literal null (expecting 'l')"],
    ["-x", "invalid character 'x' in numeric literal"],
    ["1.x", "invalid character 'x' after decimal point in numeric literal"],
    ["1e+x", "invalid character 'x' in exponent of numeric literal"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ["\0", "invalid character '\\x00' looking for beginning of value"],
    ["é", "invalid character 'Ã' looking for beginning of value"],
  ])("says of %j what Go says", (text, message) => {
    expect(() => decodeGoJson(text)).toThrow(expect.objectContaining({ kind: "invalid-request", message }));
  });

  it("finds the end of whatever JSON there is, and refuses all else in a sentence", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.constantFrom("", "\n", "]", "}"), (value, junk, close) => {
        const text = JSON.stringify(value);
        const behind = typeof value === "number" ? ` ${close}${junk}` : close + junk;
        expect(decodeGoJson(text + behind)).toEqual(JSON.parse(text));
        try {
          decodeGoJson(text.slice(0, -1) + close + junk);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
    );
    expect(decodeGoJson(`${"[".repeat(50_000)}${"]".repeat(50_000)} x`)).toHaveLength(1);
  });
});
