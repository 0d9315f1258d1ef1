import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeJson } from "../../../compat/tools/values/json-value.ts";
import { parseJson } from "../../../compat/tools/values/parse-json.ts";

const read = (text: string): unknown => parseJson(text)?.value;

describe("parseJson", () => {
  it("reads what JSON.parse reads, to the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const reading = parseJson(text);
        expect(JSON.parse(writeJson(reading?.value))).toEqual(JSON.parse(text));
        expect(reading?.cut).toBe(false);
        expect([...(reading?.repairs ?? [])]).toEqual([]);
      }),
    );
  });

  it.each<[string, unknown]>([
    ["{'a': 'it\\'s', \"b\": None, c: True,}", { a: "it's", b: null, c: true }],
    ['{"a": 1, // why\n "b": 2 /* because */}', { a: 1, b: 2 }],
    ['{"a": "one\ntwo\tthree"}', { a: "one\ntwo\tthree" }],
    ['{"a": "C:\\Users\\dir \\d+ \\u12"}', { a: "C:\\Users\\dir \\d+ \\u12" }],
    ['{"a": "say "hi" now", "b": 1}', { a: 'say "hi" now', b: 1 }],
    ['{"a": "He said "}" there"}', { a: 'He said "}" there' }],
    ["{“a”: “b”}", { a: "b" }],
    ['{"a": "x" + "y"}', { a: "xy" }],
    ['{"a": """one "two" three"""}', { a: 'one "two" three' }],
    ["{path: a//b, n: 1// no\n}", { path: "a//b", n: 1 }],
  ])("forgives %s", (text, value) => expect(read(text)).toEqual(value));

  it("says when the text ends inside a value, and refuses what is none", () => {
    expect(parseJson('{"a": "b')?.cut).toBe(true);
    expect(parseJson('{"a": [1')?.cut).toBe(true);
    expect(parseJson("{not json at all}")).toBeUndefined();
    expect(parseJson("[".repeat(100_000))).toBeUndefined();
  });

  it("keeps a key that reaches the prototype as an own one", () => {
    expect(Object.keys(read('{"__proto__": 1}') as object)).toEqual(["__proto__"]);
  });

  it("with unescaped quotes believes only known keys", () => {
    const isKey = (key: string): boolean => key === "a" || key === "b";
    expect(parseJson('{"a": "x "y" ,"no": z", "b": 1}', 0, { isKey })?.value).toEqual({
      a: 'x "y" ,"no": z',
      b: 1,
    });
  });

  it("ends a text at an unknown key where no quotation in it is open", () => {
    const isKey = (key: string): boolean => key === "a" || key === "b";
    expect(parseJson('{"a": "x "y" z","no":"w","b": 1}', 0, { isKey })?.value).toEqual({
      a: 'x "y" z',
      no: "w",
      b: 1,
    });
  });

  it("finds no value where unescaped quotes leave two readings", () => {
    let doubts = 0;
    const isKey = (key: string): boolean => key === "a" || key === "b";
    const onDoubt = (): void => void doubts++;
    expect(parseJson('{"a":"x "y" ,"no":"z w","b":"c"}', 0, { isKey, onDoubt })).toBeUndefined();
    expect(doubts).toBe(1);
  });
});
