import { describe, expect, it } from "vitest";
import { type ReadArgs, settleArgs } from "../../../compat/tools/arguments.ts";

const settle = (value: unknown, schema: unknown, options = {}) => {
  const settled = settleArgs({ kind: "value", value }, schema, options);
  return typeof settled === "string"
    ? settled
    : { args: JSON.parse(settled.json) as unknown, problems: settled.problems };
};
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

describe("settleArgs", () => {
  it("converts by the schema alone", () => {
    const schema = object({
      n: { type: "integer" },
      s: { type: "string" },
      b: { type: "boolean" },
      a: { type: "array", items: { type: "number" } },
    });
    expect(settle({ n: "3", s: 42, b: "false", a: '["1", 2]', other: "7" }, schema)).toEqual({
      args: { n: 3, s: "42", b: false, a: [1, 2], other: "7" },
      problems: [],
    });
    expect(settle({ s: "007" }, schema)).toMatchObject({ args: { s: "007" } });
    expect(settle({ n: "three" }, schema)).toMatchObject({
      args: { n: "three" },
      problems: [expect.stringContaining("n: expected integer")],
    });
  });

  it("keeps unknown arguments, unless the schema forbids them", () => {
    expect(settle({ x: 1 }, object({ a: {} }))).toMatchObject({ args: { x: 1 } });
    expect(settle({ x: 1, a: 2 }, object({ a: {} }, { additionalProperties: false }))).toMatchObject({
      args: { a: 2 },
    });
  });

  it("drops null for an optional argument that cannot be null, and never invents a required one", () => {
    const schema = object({ a: { type: "string" }, b: { type: ["string", "null"] } }, { required: ["c"] });
    expect(settle({ a: null, b: null }, schema)).toEqual({
      args: { b: null },
      problems: ['arguments: "c" is missing'],
    });
  });

  it("decodes arguments that are a string, twice too, and refuses what is no object", () => {
    const once = JSON.stringify({ a: 1 });
    expect(settle(once, { type: "object" })).toMatchObject({ args: { a: 1 } });
    expect(settle(JSON.stringify(once), { type: "object" })).toMatchObject({ args: { a: 1 } });
    expect(settle("{'a': 1,}", { type: "object" })).toMatchObject({ args: { a: 1 } });
    expect(settle('{"a" 1}', { type: "object" })).toMatchObject({ args: { a: 1 } });
    expect(settle('{"a": "half', object({}))).toBe("no object");
    expect(settle("hello", object({}))).toBe("no object");
    expect(settle([1], object({}))).toBe("no object");
    expect(settle(null, object({}))).toMatchObject({ args: {} });
  });

  it("leaves out arguments only where a tool says that it has none", () => {
    expect(settle({ a: 1 }, object({}), { tool: true })).toMatchObject({ args: {} });
    for (const schema of [
      { type: "object" },
      {},
      { ...object({}), additionalProperties: true },
      { ...object({}), additionalProperties: { type: "integer" } },
      { ...object({}), anyOf: [{}] },
    ])
      expect(settle({ a: 1 }, schema, { tool: true })).toMatchObject({ args: { a: 1 } });
    // An answer in JSON is none of a tool.
    expect(settle({ a: 1 }, object({}))).toMatchObject({ args: { a: 1 } });
  });

  it("refuses keys that reach a prototype, at any depth", () => {
    for (const text of ['{"__proto__": {}}', '{"a": {"constructor": 1}}', '{"a": [{"prototype": 1}]}']) {
      expect(settle(JSON.parse(text), {})).toBe("forbidden");
    }
  });

  it("takes another writing of a key where it is the only one", () => {
    expect(settle({ target_language: "fr" }, object({ targetLanguage: { type: "string" } }))).toMatchObject({
      args: { targetLanguage: "fr" },
    });
    const both = object({ a_b: {}, aB: {} });
    expect(settle({ "a-b": 1 }, both)).toMatchObject({ args: { "a-b": 1 } });
  });

  it("follows references, alternatives and allOf", () => {
    const schema = {
      type: "object",
      $defs: { n: { type: "number" } },
      properties: { a: { $ref: "#/$defs/n" }, b: { anyOf: [{ type: "integer" }, { type: "null" }] } },
      allOf: [{ properties: { c: { type: "boolean" } } }],
    };
    expect(settle({ a: "1.5", b: "2", c: "true" }, schema)).toEqual({
      args: { a: 1.5, b: 2, c: true },
      problems: [],
    });
    const loop = { $defs: { x: { $ref: "#/$defs/x" } }, $ref: "#/$defs/x" };
    expect(settle({ a: 1 }, loop)).toMatchObject({ args: { a: 1 } });
  });

  it("runs no pattern that could run for long", () => {
    const schema = object(
      {},
      { patternProperties: { "^(a+)+$": { type: "number" }, "^x-": { type: "number" } } },
    );
    const before = performance.now();
    settle({ [`${"a".repeat(60)}!`]: "1" }, schema);
    expect(performance.now() - before).toBeLessThan(500);
  });

  it("types raw texts by the schema; a list takes a repeated one", () => {
    const texts: ReadArgs = {
      kind: "texts",
      texts: [
        { key: "n", text: " 3 " },
        { key: "s", text: "3" },
        { key: "l", text: "a" },
        { key: "l", text: "b" },
        { key: "o", text: "{'k': True}" },
        { key: "unknown", text: "5" },
      ],
    };
    const schema = object({
      n: { type: "integer" },
      s: { type: "string" },
      l: { type: "array", items: { type: "string" } },
      o: { type: "object" },
    });
    const settled = settleArgs(texts, schema);
    expect(typeof settled === "string" ? settled : JSON.parse(settled.json)).toEqual({
      n: 3,
      s: "3",
      l: ["a", "b"],
      o: { k: true },
      unknown: "5",
    });
  });

  it("keeps integers beyond the doubles", () => {
    const settled = settleArgs(
      { kind: "value", value: '{"id": 9007199254740993}' },
      object({ id: { type: "integer" } }),
    );
    expect(typeof settled === "string" ? settled : settled.json).toBe('{"id":9007199254740993}');
  });

  it("takes nothing for no arguments only where a tool needs none", () => {
    for (const value of [null, "", undefined]) {
      expect(settleArgs({ kind: "value", value }, object({}))).toMatchObject({ json: "{}" });
      const needy = { ...object({ a: { type: "string" } }), required: ["a"] };
      expect(settleArgs({ kind: "value", value }, needy)).toBe("no object");
    }
  });

  it("refuses a key that reaches the prototype, also one that was escaped twice", () => {
    for (const key of ["constructor", "\\u0063onstructor", "\\u005f_proto__"]) {
      const value = { a: "b", [key]: {} };
      expect(settleArgs({ kind: "value", value }, { type: "object" })).toBe("forbidden");
    }
  });

  it("keeps to patterns of keys, also to those that are not run", () => {
    const args = (value: object) => ({ kind: "value" as const, value });
    const jsonOf = (value: object, schema: object): unknown => {
      const settled = settleArgs(args(value), schema);
      return typeof settled === "string" ? settled : JSON.parse(settled.json);
    };
    const numbers = { type: "object", patternProperties: { "^x-": { type: "number" } } };
    expect(jsonOf({ "x-n": "3", other: 1 }, numbers)).toEqual({ "x-n": 3 });
    expect(jsonOf({ other: 1 }, { ...numbers, additionalProperties: true })).toEqual({ other: 1 });
    const slow = { type: "object", patternProperties: { "^(a+)+$": false, "^(b|[0-9])+$": false } };
    expect(jsonOf({ note: 1, aaaa: 2, b5: 3 }, { ...slow, additionalProperties: true })).toEqual({ note: 1 });
  });
});
