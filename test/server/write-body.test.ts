import fc from "fast-check";
import { expect, it } from "vitest";
import { isObject, type Json } from "../../adapters/validate.ts";
import { writeBody } from "../../server/write-body.ts";

/** What can become of a value: some of it is frozen. */
const mixed = (value: unknown, freezes: () => boolean): unknown => {
  const made: unknown = Array.isArray(value)
    ? value.map((item) => mixed(item, freezes))
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, held]) => [key, mixed(held, freezes)]))
      : value;
  return freezes() ? Object.freeze(made) : made;
};

it("writes what JSON.stringify does, whatever is frozen", () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }),
    fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 4 }),
    fc.constant(undefined),
  );
  const body = fc.dictionary(fc.string({ unit: "binary" }), value, { maxKeys: 5, noNullPrototype: true });
  const choices = fc.infiniteStream(fc.constantFrom(true, false, false));
  let bytes = 0;
  fc.assert(
    fc.property(body, choices, (given, stream) => {
      const made = Object.fromEntries(
        Object.entries(given).map(([key, held]) => [key, mixed(held, () => stream.next().value === true)]),
      ) as Json;
      // The second time it is known.
      for (let time = 0; time < 2; time++) {
        const written = writeBody(made);
        if (typeof written !== "string") bytes++;
        expect(written.toString()).toBe(JSON.stringify(made));
      }
    }),
    { numRuns: 500 },
  );
  expect(bytes).toBeGreaterThan(50);
});

it("gives text where nothing is frozen", () => {
  expect(writeBody({ a: [1, { b: "c" }], d: undefined, e: null })).toBe('{"a":[1,{"b":"c"}],"e":null}');
  expect(writeBody({})).toBe("{}");
});
