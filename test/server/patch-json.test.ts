import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { findRootString, patchJson } from "../../server/patch-json.ts";

/** What parsing, setting and writing would make of it: the definition that patching must agree with. */
function setIn(value: unknown, path: readonly string[], put: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === "string" ? put : value;
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return value;
  const record = value as Record<string, unknown>;
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(record)) {
    const set = name === key ? setIn(inner, rest, put) : inner;
    Object.defineProperty(copy, name, { value: set, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("model", "response", "a", 'x"y', "\\", "é", "") },
  fc.string(),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.string(),
      fc.constantFrom('{"model":"x"}', '"', "\\", "model"),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5 }),
  ),
})).value;

describe("patchJson", () => {
  it("says what parsing, setting and writing would say, for every JSON and path", () => {
    const indent = fc.constantFrom(undefined, 2, "\t");
    fc.assert(
      fc.property(json, fc.array(key, { maxLength: 3 }), fc.string(), indent, (value, path, put, space) => {
        const text = JSON.stringify(value, null, space);
        const expected = JSON.stringify(setIn(value, path, put), null, space);
        expect(patchJson(text, path, put)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("is told faster where it is known to be, and says the same", () => {
    const indent = fc.constantFrom(undefined, 2, "\t");
    const record = fc.dictionary(key, json, { maxKeys: 5 });
    fc.assert(
      fc.property(record, key, fc.string(), fc.string(), indent, (value, name, held, put, space) => {
        const text = JSON.stringify({ ...value, [name]: held }, null, space);
        fc.pre(Object.hasOwn(JSON.parse(text) as object, name));
        for (const written of [text, text.replace("model", "mod\\u0065l")]) {
          const place = findRootString(written, name);
          const patched =
            place && written.slice(0, place.start) + JSON.stringify(put) + written.slice(place.end);
          expect(patched ?? written).toBe(patchJson(written, [name], put));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("does not take another key for one that is spelled otherwise", () => {
    const text = '{"mod\\u0065l":"a","metadata":{"model":"b"}}';
    const place = findRootString(text, "model");
    expect(text.slice(place?.start, place?.end)).toBe('"a"');
  });

  it("hits the model of a request and no other place", () => {
    const body = {
      messages: [{ role: "user", content: 'set "model":"x"', model: "y" }],
      metadata: { model: "z", list: ["model", "model"] },
      model: "alias",
      tools: [{ properties: { model: { type: "string" } } }],
    };
    const patched = JSON.parse(patchJson(JSON.stringify(body), ["model"], 'real "1"')) as unknown;
    expect(patched).toEqual({ ...body, model: 'real "1"' });
  });

  it("keeps every other byte, numbers beyond doubles and odd spaces included", () => {
    const text = '\r\n{ "seed" : 12345678901234567890 ,\t"t":1.0E+2,"model" :\n"a\\u0062" , "x":"\\/" } \n';
    expect(patchJson(text, ["model"], "m")).toBe(text.replace('"a\\u0062"', '"m"'));
  });

  it.each([
    ['{"model":5}', ["model"]],
    ['{"model":null}', ["model"]],
    ['{"other":"a"}', ["model"]],
    ['["model","a"]', ["model"]],
    ['"model"', ["model"]],
    ['{"a":{"model":"x"}}', ["model"]],
    ['{"response":"x"}', ["response", "model"]],
    ["", ["model"]],
    ["{", ["model"]],
    ['{"model"', ["model"]],
    ['{"model":', ["model"]],
    ['{"model":"a', ["model"]],
    ['{"a":[{"b":"]"},"model":"x"}', ["model"]],
    ["data: [DONE]", ["model"]],
  ])("leaves %s as it is", (text, path) => {
    expect(patchJson(text, path, "m")).toBe(text);
  });

  it("of a key that comes twice patches the one that counts: the last", () => {
    const patched = patchJson('{"model":"cheap","model":"dear"}', ["model"], "m");
    expect(JSON.parse(patched)).toEqual({ model: "m" });
    const nested = patchJson('{"r":{"model":"a"},"r":{"x":{"model":"b"},"model":"c"}}', ["r", "model"], "m");
    expect(JSON.parse(nested)).toEqual({ r: { x: { model: "b" }, model: "m" } });
  });

  it("knows a key that is written with escapes", () => {
    const patched = patchJson('{"model":"cheap","mod\\u0065l":"dear","mode\\\\l":"x"}', ["model"], "m");
    expect(JSON.parse(patched)).toEqual({ model: "m", "mode\\l": "x" });
  });

  it("steps over a byte-order mark, as the reader of the body does", () => {
    expect(patchJson('\uFEFF{"model":"a"}', ["model"], "m")).toBe('\uFEFF{"model":"m"}');
  });

  it("is linear in long texts, however they are escaped", () => {
    const began = performance.now();
    const long = JSON.stringify({
      a: "\\".repeat(1_000_000),
      b: '"'.repeat(1_000_000),
      c: [["["]],
      model: "x",
    });
    expect(patchJson(long, ["model"], "m").endsWith('"model":"m"}')).toBe(true);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
