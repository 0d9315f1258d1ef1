import { describe, expect, it } from "vitest";
import {
  compact,
  describe as inWords,
  isObject,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  readArray,
  readName,
  readObject,
  readString,
  unknownFields,
} from "../../adapters/validate.ts";

const VALUES: unknown[] = [undefined, null, true, 0, 1.5, "", "a", [], ["a"], {}, Number.NaN];

describe("readers", () => {
  it.each([
    ["object", readObject, [{}], "object"],
    ["array", readArray, [[], ["a"]], "array"],
    ["string", readString, ["", "a"], "string"],
    ["name", readName, ["a"], "non-empty string"],
    ["optional object", optionalObject, [undefined, null, {}], "object"],
    ["optional array", optionalArray, [undefined, null, [], ["a"]], "array"],
    ["optional string", optionalString, [undefined, null, "", "a"], "string"],
    ["optional number", optionalNumber, [undefined, null, 0, 1.5], "number"],
    ["optional integer", optionalInteger, [undefined, null, 0], ""],
    ["optional boolean", optionalBoolean, [undefined, null, true], "boolean"],
    ["optional strings", optionalStrings, [undefined, null, "", "a", [], ["a"]], "array"],
  ])("%s takes exactly what it says", (_name, read, good, expected) => {
    for (const value of VALUES) {
      const isGood = (good as unknown[]).some(
        (other) => JSON.stringify([other]) === JSON.stringify([value]) && typeof other === typeof value,
      );
      if (isGood) read(value, "a.b");
      else {
        const message = expect.stringMatching(`^a\\.b: expected ${expected}`) as string;
        expect(() => read(value, "a.b")).toThrow(
          expect.objectContaining({ kind: "invalid-request", param: "a.b", message }),
        );
      }
    }
  });

  it("tell the place, what was expected and what came", () => {
    expect(() => readString(5, "messages[2].content")).toThrow(
      "messages[2].content: expected string, got number",
    );
    expect(() => readName("", "model")).toThrow('model: expected non-empty string, got ""');
    expect(() => readArray(undefined, "messages")).toThrow("messages: expected array, got null");
    expect(() => optionalStrings(["a", 5], "stop")).toThrow("stop[1]: expected string, got number");
    expect(() => optionalInteger(1.5, "n")).toThrow("n: expected integer, got number");
  });

  it("never quote a long text", () => {
    expect(() => readObject("secret ".repeat(20), "x")).toThrow(/^x: expected object, got string$/);
  });

  it("give one string or several as an array, none as nothing", () => {
    expect([undefined, null, [], "a", ["a", "b"]].map((value) => optionalStrings(value, "stop"))).toEqual([
      undefined,
      undefined,
      undefined,
      ["a"],
      ["a", "b"],
    ]);
  });
});

describe("describe", () => {
  it("names every type", () => {
    expect([null, undefined, [], "a", "x".repeat(41), 1, true, {}].map(inWords)).toEqual([
      "null",
      "nothing",
      "array",
      '"a"',
      "string",
      "number",
      "boolean",
      "object",
    ]);
  });
});

describe("isObject", () => {
  it("is true for plain objects only", () => {
    expect([{}, [], null, undefined, "a", 1, () => 1].map(isObject)).toEqual([
      true,
      ...Array<boolean>(6).fill(false),
    ]);
  });
});

describe("compact", () => {
  it("leaves out undefined, and nothing else", () => {
    expect(Object.keys(compact({ a: undefined, b: null, c: 0, d: "", e: false, f: [undefined] }))).toEqual([
      "b",
      "c",
      "d",
      "e",
      "f",
    ]);
  });

  it("does not let __proto__ in", () => {
    const made = compact(JSON.parse('{"__proto__":{"polluted":true}}') as object);
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect((made as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("unknownFields", () => {
  it("gives what is not known, or nothing", () => {
    expect(unknownFields({ model: "m", top_a: 1, user: null }, new Set(["model"]))).toEqual({
      top_a: 1,
      user: null,
    });
    expect(unknownFields({ model: "m" }, new Set(["model"]))).toBeUndefined();
    expect(
      unknownFields(JSON.parse('{"__proto__":{"x":1}}') as Record<string, unknown>, new Set()),
    ).toBeUndefined();
  });
});
