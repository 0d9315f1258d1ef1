import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { mergeParams } from "../../server/merge-params.ts";

describe("mergeParams", () => {
  it("merges objects, replaces everything else, removes what is null", () => {
    const body = { model: "m", stop: ["a"], options: { num_ctx: 1, seed: 2 }, top_p: 1 };
    const layer = { stop: ["b"], options: { num_ctx: 8192, seed: null }, top_p: null, extra: true };
    expect(mergeParams(body, layer)).toEqual({
      model: "m",
      stop: ["b"],
      options: { num_ctx: 8192 },
      extra: true,
    });
  });

  it("removes null also in an object that the body does not have", () => {
    expect(mergeParams({}, { options: { seed: null, a: { b: null, c: 1 } } })).toEqual({
      options: { a: { c: 1 } },
    });
    expect(mergeParams({ options: 5 }, { options: { seed: null } })).toEqual({ options: {} });
  });

  it("lays later layers over earlier ones and skips those that are not there", () => {
    expect(mergeParams({ a: 1 }, { a: 2, b: 2 }, undefined, { a: 3 })).toEqual({ a: 3, b: 2 });
    const body = { a: 1 };
    expect(mergeParams(body, undefined, undefined)).toBe(body);
  });

  it("changes neither the body nor the layers", () => {
    const body = { options: { a: 1 } };
    const layer = { options: { b: 2 } };
    mergeParams(body, layer, { options: { c: 3 } });
    expect([body, layer]).toEqual([{ options: { a: 1 } }, { options: { b: 2 } }]);
  });

  it("lets no prototype in", () => {
    const layer = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":{"polluted":1}}}',
    ) as Record<string, unknown>;
    const merged = mergeParams({ a: {} }, layer);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(merged.a)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("gives the same when the same layer comes twice", () => {
    const value = fc.letrec((tie) => ({
      object: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("any")),
      any: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, 1, "x", [1, null]), tie("object")),
    })).object as fc.Arbitrary<Record<string, unknown>>;
    fc.assert(
      fc.property(value, value, (body, layer) => {
        const once = mergeParams(body, layer);
        expect(mergeParams(once, layer)).toEqual(once);
      }),
    );
  });
});
