import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { completeArgs, toArgsObject, toArgsText } from "../../adapters/call-args.ts";

describe("toArgsObject", () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ["", {}],
    [" \n", {}],
    ["null", {}],
    ['"{\\"a\\":1}"', { a: 1 }],
    ['""', {}],
    ["[1,2]", { input: "[1,2]" }],
    ["5", { input: "5" }],
    ['{"a":', { input: '{"a":' }],
    ["plain words", { input: "plain words" }],
  ])("trap 28: reads %j", (args, expected) => {
    expect(toArgsObject(args)).toEqual(expected);
  });

  it("keeps every object, also one that was encoded twice", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        expect(JSON.stringify(toArgsObject(json))).toBe(json);
        expect(JSON.stringify(toArgsObject(JSON.stringify(json)))).toBe(json);
      }),
    );
  });

  it("takes __proto__ for a name like any other", () => {
    const args = toArgsObject('{"__proto__":{"polluted":true}}');
    expect(Object.keys(args)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("toArgsText", () => {
  it.each([
    [{ a: 1 }, '{"a":1}'],
    ['{"a":1}', '{"a":1}'],
    [undefined, "{}"],
    [null, "{}"],
    [[1], "[1]"],
    [0, "0"],
  ])("writes %j as %s", (value, expected) => {
    expect(toArgsText(value)).toBe(expected);
  });
});

describe("completeArgs", () => {
  it("trap 31: makes {} of nothing and leaves the rest alone", () => {
    expect(["", "  ", "{}", '{"a"'].map(completeArgs)).toEqual(["{}", "{}", "{}", '{"a"']);
  });
});
