import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toGeminiSchema, toParametersSchema } from "../../../adapters/gemini/to-gemini-schema.ts";
import { toJsonSchema } from "../../../adapters/gemini/to-json-schema.ts";

const property = (schema: Record<string, unknown>): unknown =>
  (toParametersSchema({ type: "object", properties: { a: schema } }).properties as { a: unknown }).a;

describe("toGeminiSchema", () => {
  it("trap 15: takes out keywords Gemini refuses, but no properties of their names", () => {
    const words = [
      "$schema",
      "title",
      "default",
      "format",
      "const",
      "not",
      "enum",
      "required",
      "$ref",
      "type",
    ];
    const properties = Object.fromEntries(words.map((word) => [word, { type: "string", title: word }]));
    const schema = {
      $schema: "x",
      $id: "y",
      title: "T",
      type: "object",
      properties,
      additionalProperties: false,
    };
    expect(toParametersSchema(schema)).toEqual({
      type: "object",
      properties: Object.fromEntries(words.map((word) => [word, { type: "string" }])),
    });
  });

  it("trap 15: tells in words what it takes out, where that says something", () => {
    expect(property({ type: "integer", description: "Count", default: 5, multipleOf: 5 })).toEqual({
      type: "integer",
      description: "Count (default: 5; multipleOf: 5)",
    });
    expect(property({ type: "string", format: "email" })).toEqual({
      type: "string",
      description: '(format: "email")',
    });
    expect(property({ type: "string", format: "date-time" })).toEqual({
      type: "string",
      format: "date-time",
    });
    expect(property({ type: "object", additionalProperties: { type: "string" } })).toEqual({
      type: "object",
      description: '(additionalProperties: {"type":"string"})',
    });
  });

  it("trap 15: keeps exclusive bounds of whole numbers", () => {
    expect(property({ type: "integer", exclusiveMinimum: 0 })).toEqual({ type: "integer", minimum: 1 });
    expect(property({ type: "integer", minimum: 5, exclusiveMinimum: true })).toEqual({
      type: "integer",
      minimum: 6,
    });
    expect(property({ type: "integer", exclusiveMaximum: 10, maximum: 3 })).toEqual({
      type: "integer",
      maximum: 3,
    });
    expect(property({ type: "number", exclusiveMinimum: 0 })).toEqual({
      type: "number",
      minimum: 0,
      description: "(exclusiveMinimum: 0)",
    });
  });

  it("trap 16: enums are strings; of other types they are told", () => {
    expect(property({ type: "string", enum: ["a", 1, "a", null] })).toEqual({
      type: "string",
      nullable: true,
      enum: ["a", "1"],
    });
    expect(property({ const: "x" })).toEqual({ type: "string", enum: ["x"] });
    expect(property({ type: "integer", enum: [3, 1, 2] })).toEqual({
      type: "integer",
      description: "(one of: 3,1,2)",
      minimum: 1,
      maximum: 3,
    });
    expect(property({ const: true })).toEqual({ type: "boolean", description: "(one of: true)" });
  });

  it("trap 16: null makes a type nullable, several types are alternatives", () => {
    const nullable = { type: "string", nullable: true };
    expect(property({ type: ["string", "null"] })).toEqual(nullable);
    expect(property({ anyOf: [{ type: "string" }, { type: "null" }] })).toEqual(nullable);
    expect(property({ oneOf: [{ type: "string" }, { type: "null" }], description: "d" })).toEqual({
      ...nullable,
      description: "d",
    });
    expect(property({ type: ["string", "integer", "null"], minimum: 1, maxLength: 4 })).toEqual({
      nullable: true,
      anyOf: [
        { type: "string", maxLength: 4 },
        { type: "integer", minimum: 1 },
      ],
    });
    expect(property({ type: "string", anyOf: [{ enum: ["a"] }, { pattern: "^b" }] })).toEqual({
      anyOf: [
        { type: "string", enum: ["a"] },
        { type: "string", pattern: "^b" },
      ],
    });
  });

  it("trap 16: requires only what is there, once", () => {
    const schema = { type: "object", properties: { a: {} }, required: ["a", "a", "b", 5] };
    expect(toParametersSchema(schema).required).toEqual(["a"]);
    expect(toParametersSchema({ type: "object", required: ["b"] })).toEqual({
      type: "object",
      properties: {},
    });
  });

  it("puts references in place, and ends those that lead back", () => {
    const node = {
      type: "object",
      properties: { name: { $ref: "#/$defs/Name" }, next: { $ref: "#/$defs/Node", description: "more" } },
    };
    const $defs = { Name: { type: "string", minLength: 1 }, Node: node };
    const schema = toParametersSchema({
      type: "object",
      properties: { node: { $ref: "#/$defs/Node" } },
      $defs,
    });
    const text = JSON.stringify(schema);
    expect(text).not.toContain("$");
    expect(text.match(/"name":\{"type":"string","minLength":1\}/g)?.length).toBe(2);
    expect(property({ $ref: "#/nowhere" })).toEqual({});
    expect(property({ $ref: "#" })).toMatchObject({ type: "object" });
  });

  it("stays small and quick whatever a schema refers to", () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => {
        const ref = { $ref: `#/$defs/d${index + 1}` };
        return [`d${index}`, { type: "object", properties: { a: ref, b: ref, c: ref } }];
      }),
    );
    const schema = { type: "object", properties: { a: { $ref: "#/$defs/d0" } }, $defs };
    expect(JSON.stringify(toParametersSchema(schema)).length).toBeLessThan(500_000);
    let deep: Record<string, unknown> = { type: "string" };
    for (let index = 0; index < 20_000; index++) deep = { type: "array", items: deep };
    expect(JSON.stringify(toGeminiSchema(deep)).length).toBeLessThan(10_000);
  });

  it("lays alternatives of the arguments over each other", () => {
    const kind = { kind: { type: "string" } };
    const branch = (name: string) => ({
      properties: { [name]: { type: "string" }, ...kind },
      required: [name, "kind"],
    });
    const schema = { type: "object", properties: kind, oneOf: [branch("a"), branch("b")] };
    const merged = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" }, kind: { type: "string" } },
      required: ["kind"],
    };
    expect(toParametersSchema(schema)).toEqual(merged);
    const { required: _required, ...all } = merged;
    expect(
      toParametersSchema({ allOf: [{ properties: all.properties }, { $ref: "#/d" }], d: branch("a") }),
    ).toEqual({
      ...all,
      required: ["a", "kind"],
    });
  });

  it("knows what is in every list", () => {
    expect(property({ type: "array" })).toEqual({ type: "array", items: { type: "string" } });
    expect(property({ type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] })).toEqual({
      type: "array",
      items: { anyOf: [{ type: "string" }, { type: "integer" }] },
    });
  });

  it("keeps a property called __proto__ one", () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as object;
    expect(JSON.stringify(toParametersSchema({ ...schema }))).toBe(
      '{"type":"object","properties":{"__proto__":{"type":"string"}}}',
    );
  });

  const keywords =
    "type enum const anyOf oneOf allOf items properties required description default format minimum " +
    "exclusiveMinimum $ref nullable additionalProperties prefixItems";
  const key = fc.constantFrom(...keywords.split(" "));
  const { schema } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("object", "string", "integer", "null", "a", "#", "#/properties/a", 3, true, null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.array(fc.constantFrom("string", "null", "object"), { maxLength: 3 }),
      tie("schema"),
    ),
    schema: fc.dictionary(fc.oneof(key, fc.constant("a")), tie("value"), { maxKeys: 5 }),
  }));

  it("is pure, gives only what Gemini knows, and changes nothing the second time", () => {
    const known = new Set(
      [
        "type",
        "format",
        "description",
        "nullable",
        "enum",
        "items",
        "minItems",
        "maxItems",
        "properties",
      ].concat(
        ["required", "minimum", "maximum", "minLength", "maxLength", "pattern", "anyOf"],
        ["minProperties", "maxProperties"],
      ),
    );
    const check = (value: unknown): void => {
      const node = value as Record<string, unknown>;
      for (const name of Object.keys(node)) expect(known.has(name), name).toBe(true);
      expect(["string", "undefined"]).toContain(typeof node.type);
      for (const item of Object.values(node.properties ?? {})) check(item);
      for (const item of (node.anyOf as unknown[]) ?? []) check(item);
      if (node.items) check(node.items);
      if (node.enum) expect(node).toMatchObject({ type: "string" });
    };
    fc.assert(
      fc.property(schema, (given) => {
        const before = JSON.stringify(given);
        const clean = toParametersSchema(given as Record<string, unknown>);
        expect(JSON.stringify(given)).toBe(before);
        check(clean);
        expect(toParametersSchema(clean)).toEqual(clean);
      }),
      { numRuns: 1500 },
    );
  });
});

describe("toJsonSchema", () => {
  it("reads Gemini's own schemas", () => {
    const schema = {
      type: "OBJECT",
      properties: {
        type: { type: "STRING", nullable: true, enum: ["a"], format: "enum" },
        list: { type: "ARRAY", items: { type: "INTEGER" }, min_items: "2" },
        any: { any_of: [{ type: "NUMBER" }, { type: "BOOLEAN" }], nullable: true },
        free: { type: "TYPE_UNSPECIFIED", example: 1 },
      },
      propertyOrdering: ["type"],
      required: ["type"],
    };
    expect(toJsonSchema(schema)).toEqual({
      type: "object",
      properties: {
        type: { type: ["string", "null"], enum: ["a", null] },
        list: { type: "array", items: { type: "integer" }, minItems: 2 },
        any: { anyOf: [{ type: "number" }, { type: "boolean" }, { type: "null" }] },
        free: { examples: [1] },
      },
      required: ["type"],
    });
  });

  it("leaves JSON Schema as it is", () => {
    const schema = {
      type: "object",
      properties: { a: { type: ["string", "null"], default: "x" } },
      $defs: {},
    };
    expect(toJsonSchema(schema)).toEqual(schema);
  });
});
