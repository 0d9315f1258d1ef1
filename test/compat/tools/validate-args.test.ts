import { describe, expect, it } from "vitest";
import { sanitizeSchema } from "../../../compat/tools/sanitize-schema.ts";
import { createArgsValidator, validateArgs } from "../../../compat/tools/validate-args.ts";

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const ok = (schema: unknown, args: unknown): boolean => validateArgs(schema, args).length === 0;

describe("validateArgs", () => {
  it.each<[string, object, unknown, unknown]>([
    ["enum", { enum: ["a", 2] }, 2, "b"],
    ["const", { const: { x: [1] } }, { x: [1] }, { x: [2] }],
    ["anyOf", { anyOf: [{ type: "string" }, { type: "integer", minimum: 3 }] }, 3, 2],
    ["oneOf", { oneOf: [{ type: "integer" }, { minimum: 5 }] }, 4, 6],
    ["allOf", { allOf: [{ type: "integer" }, { maximum: 5 }] }, 5, 6],
    ["not", { not: { const: 1 } }, 2, 1],
    ["if", JSON.parse('{"if": {"const": 1}, "then": false}'), 2, 1],
    ["minimum", { type: "number", minimum: 0 }, 0, -1],
    ["exclusiveMinimum of draft 4", { type: "number", minimum: 0, exclusiveMinimum: true }, 1, 0],
    ["multipleOf", { type: "number", multipleOf: 0.1 }, 0.3, 0.35],
    ["maxLength", { type: "string", maxLength: 2 }, "ab", "abc"],
    ["maxItems", { type: "array", maxItems: 1 }, [1], [1, 2]],
    ["items", { type: "array", items: { type: "integer" } }, [1, 2], [1, "2"]],
    [
      "the tuple of draft 7",
      { type: "array", items: [{ type: "string" }], additionalItems: false },
      ["a"],
      ["a", 1],
    ],
    ["prefixItems", { type: "array", prefixItems: [{ type: "string" }] }, ["a", 1], [1]],
    ["nullable", { type: "string", nullable: true }, null, 1],
    ["types in other words", { type: "STRING" }, "a", 1],
    [
      "nested",
      object({ a: object({ b: { type: "integer" } }, { required: ["b"] }) }),
      { a: { b: 1 } },
      { a: {} },
    ],
    [
      "additionalProperties",
      object({ a: {} }, { additionalProperties: { type: "integer" } }),
      { b: 1 },
      { b: "1" },
    ],
    ["additionalProperties: false", object({ a: {} }, { additionalProperties: false }), { a: 1 }, { b: 1 }],
    ["dependentRequired", object({}, { dependentRequired: { a: ["b"] } }), { b: 1 }, { a: 1 }],
    ["propertyNames", object({}, { propertyNames: { maxLength: 1 } }), { a: 1 }, { ab: 1 }],
    [
      "properties named like keywords",
      object({ pattern: { type: "integer" }, $ref: {} }),
      { pattern: 1 },
      { pattern: "x" },
    ],
  ])("applies %s", (_, rule, good, bad) => {
    const schema = object({ x: rule }, { $schema: "https://json-schema.org/draft/2020-12/schema" });
    expect(validateArgs(schema, { x: good })).toEqual([]);
    expect(validateArgs(schema, { x: bad })).toEqual([expect.stringMatching(/^x/)]);
  });

  it("says where and what, for a model", () => {
    const schema = object({ list: { type: "array", items: object({ n: { type: "integer", minimum: 3 } }) } });
    expect(validateArgs(schema, { list: [{ n: 3 }, { n: 1 }] })).toEqual(["list[1].n: must be >= 3"]);
    expect(validateArgs(object({}, { required: ["a"] }), {})).toEqual(['arguments: "a" is missing']);
  });

  it("follows references into the schema, recursive ones too, and no others", () => {
    const tree = object({ value: { type: "integer" }, next: { $ref: "#/$defs/tree" } });
    const schema = { ...object({ tree: { $ref: "#/$defs/tree" } }), $defs: { tree } };
    expect(ok(schema, { tree: { value: 1, next: { next: { value: 2 } } } })).toBe(true);
    expect(ok(schema, { tree: { value: 1, next: { next: { value: "x" } } } })).toBe(false);
    for (const $ref of ["https://example.com/a.json", "file:///etc/passwd", "#/$defs/none", "other.json#/a"])
      expect(ok({ ...object({ a: { $ref } }), $id: "https://example.com/b.json" }, { a: 1 })).toBe(true);
  });

  it("never runs patterns, formats and uniqueItems", () => {
    const bomb = { type: "string", pattern: "^(a+)+$", format: "email" };
    const before = process.cpuUsage().user;
    const value = `${"a".repeat(40)}!`;
    expect(ok(object({ a: bomb }), { a: value })).toBe(true);
    expect(
      ok(object({}, { patternProperties: { "^(a+)+$": false }, additionalProperties: false }), {
        [value]: 1,
      }),
    ).toBe(true);
    expect(ok(object({ a: { type: "array", uniqueItems: true } }), { a: [1, 1] })).toBe(true);
    expect(process.cpuUsage().user - before).toBeLessThan(5_000_000);
    expect(JSON.stringify(sanitizeSchema(object({ a: bomb })))).not.toMatch(/\(a\+\)|email/);
  });

  it("forbids nothing because of what it leaves out", () => {
    const either = {
      oneOf: [
        { type: "string", pattern: "^a" },
        { type: "string", pattern: "^b" },
      ],
    };
    expect(ok(object({ x: either }), { x: "a" })).toBe(true);
    expect(ok(object({ x: { not: { pattern: "^a" } } }), { x: "b" })).toBe(true);
    expect(ok(object({ x: JSON.parse('{"if": {"pattern": "^a"}, "then": false}') }), { x: "b" })).toBe(true);
    const behind = { oneOf: [{ $ref: "#/$defs/a" }, { type: "string" }] };
    const loose = { ...object({ x: behind }), $defs: { a: { type: "string", format: "uri" } } };
    expect(ok(loose, { x: "b" })).toBe(true);
    expect(ok({ ...loose, $defs: { a: { type: "string" } } }, { x: "b" })).toBe(false);
  });

  it("decides against the hand check, in both directions", () => {
    // By hand only one of the alternatives has to fit.
    expect(ok(object({ x: { oneOf: [{ type: "number" }, { type: "integer" }] } }), { x: 1 })).toBe(false);
    // By hand a schema with properties takes nothing but an object.
    expect(ok(object({ x: { properties: { a: {} } } }), { x: "text" })).toBe(true);
  });

  it("leaves schemas to the hand check that make no sense", () => {
    for (const rule of [
      { type: "date" },
      { enum: "a" },
      { required: "a" },
      { minimum: "1" },
      { items: 3 },
      { anyOf: {} },
    ])
      expect(ok(object({ x: rule }), { x: 1 })).toBe(true);
    for (const schema of [undefined, null, 3, "x", [], true, {}]) expect(ok(schema, {})).toBe(true);
    expect(ok({ ...object({ a: { type: "string" } }), $ref: "#" }, { a: "b" })).toBe(true);
  });
});

describe("bombs", () => {
  const chain = (word: string, length: number) => ({
    ...object({ x: { $ref: "#/$defs/d0" } }),
    $defs: Object.fromEntries(
      Array.from({ length }, (_, n) => [
        `d${n}`,
        n + 1 === length
          ? { type: word === "anyOf" ? "string" : "integer" }
          : { [word]: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
      ]),
    ),
  });
  let deep: object = { type: "string" };
  for (let n = 0; n < 3000; n++) deep = object({ a: deep });
  const self = {
    ...object({}),
    $defs: { t: { anyOf: [object({ a: { $ref: "#/$defs/t" } }), object({ a: { $ref: "#/$defs/t" } })] } },
  };
  let nested: object = { a: 1 };
  for (let n = 0; n < 60; n++) nested = { a: nested };

  it.each<[string, object, unknown]>([
    [
      "references in a circle",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
      {},
    ],
    [
      "circles that double",
      {
        ...object({}),
        $defs: { a: { allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }] } },
        $ref: "#/$defs/a",
      },
      {},
    ],
    ["alternatives that double", chain("anyOf", 300), { x: 1 }],
    ["parts that double", chain("allOf", 300), { x: 1 }],
    [
      "alternatives that double with the value's depth",
      { ...self, properties: { x: { $ref: "#/$defs/t" } } },
      { x: nested },
    ],
    [
      "a huge enum",
      object({ x: { enum: Array.from({ length: 100_000 }, (_, n) => `v${n}`) } }),
      { x: "v99999" },
    ],
    [
      "10 000 properties",
      object(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`p${n}`, { type: "string" }]))),
      { p1: "a" },
    ],
    ["3000 levels", deep, { a: { a: {} } }],
    ["a huge required", object({}, { required: Array.from({ length: 1900 }, (_, n) => `r${n}`) }), {}],
  ])("%s: stopped by counting", (_, schema, args) => {
    const before = performance.now();
    expect(() => validateArgs(schema, args)).not.toThrow();
    // Far above what it takes: without the count this would not come back at all.
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it("too large for ajv, they are still checked by hand", () => {
    const huge = object({ x: { enum: Array.from({ length: 100_000 }, (_, n) => `v${n}`) } });
    expect(sanitizeSchema(huge)).toBeUndefined();
    expect(ok(huge, { x: "v99999" })).toBe(true);
    expect(ok(huge, { x: "w" })).toBe(false);
    expect(sanitizeSchema(deep)).toBeUndefined();
  });

  it("with texts as long as books are not kept", () => {
    const { validate, kept } = createArgsValidator({ size: 3 });
    const schema = object({ x: { enum: ["a".repeat(300_000), "b"] } });
    expect(validate(schema, { x: "b" })).toEqual([]);
    expect(validate(schema, { x: "c" })).toHaveLength(1);
    expect(kept()).toBe(0);
  });

  it("do not fill the memory: validators are kept up to a number, the least used goes first", () => {
    const { validate, kept } = createArgsValidator({ size: 3 });
    const schema = (n: number) => object({ x: { type: "integer", minimum: n } });
    for (let n = 0; n < 20; n++) {
      expect(validate(schema(0), { x: 0 })).toEqual([]);
      expect(validate(schema(n), { x: n - 1 })).toHaveLength(1);
      expect(kept()).toBeLessThanOrEqual(3);
    }
    expect(validate({ ...schema(0), description: "Says nothing new." }, { x: 0 })).toEqual([]);
    expect(kept()).toBe(3);
  });
});
