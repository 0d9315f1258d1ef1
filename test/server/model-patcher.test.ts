import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createModelPatcher, patchModel, renameRead } from "../../server/model-patcher.ts";

const PATHS = [["model"], ["message", "model"], ["response", "model"]] as const;

describe("patchModel", () => {
  it("renames at the first path that holds a name", () => {
    expect(patchModel('{"model":"a","message":{"model":"b"}}', PATHS, "m")).toBe(
      '{"model":"m","message":{"model":"b"}}',
    );
    expect(patchModel('{"type":"x","response":{"id":"1","model":"a"}}', PATHS, "m")).toBe(
      '{"type":"x","response":{"id":"1","model":"m"}}',
    );
    expect(patchModel('{"choices":[{"model":"a"}]}', PATHS, "m")).toBe('{"choices":[{"model":"a"}]}');
  });
});

describe("renameRead", () => {
  const name = fc.constantFrom("a", "m", "m", 'the "model"', "é");
  const value = fc.oneof(name, fc.constant(1), fc.record({ model: name }), fc.array(name, { maxLength: 2 }));
  const entry = fc
    .tuple(fc.constantFrom("model", "message", "id", "mod\\u0065l", "response"), value)
    .map(([key, held]) => `"${key}" :${JSON.stringify(held)}`);
  const text = fc
    .tuple(fc.constantFrom("", "\uFEFF", " "), fc.array(entry, { maxLength: 5 }))
    .map(([before, entries]) => `${before}{${entries.join(", ")}}`);
  const paths = fc.constantFrom(PATHS, PATHS.slice(1), [["model"]]);

  it("does the same as `patchModel`", () => {
    fc.assert(
      fc.property(text, paths, (given, tried) => {
        const body = JSON.parse(given.replace("\uFEFF", "")) as unknown;
        expect(renameRead(given, body, tried, "m")).toBe(patchModel(given, tried, "m"));
      }),
      { numRuns: 4000 },
    );
  });

  it("takes what is no JSON as it is", () => {
    expect(renameRead('{"model":"a"', undefined, PATHS, "m")).toBe(patchModel('{"model":"a"', PATHS, "m"));
  });
});

describe("createModelPatcher", () => {
  const patch = createModelPatcher(PATHS, "alias");

  it.each([
    ['data: {"model":"a"}', 'data: {"model":"alias"}'],
    ['data:{"model":"a"}\r', 'data:{"model":"alias"}\r'],
    ['{"model":"a","done":false}', '{"model":"alias","done":false}'],
    ['[{"model":"a"}', '[{"model":"alias"}'],
    [',\t{"model":"a"}', ',\t{"model":"alias"}'],
    ['data: {"message":{"id":"1","model":"a"}}', 'data: {"message":{"id":"1","model":"alias"}}'],
  ])("renames in %j", (line, expected) => {
    expect(patch(line)).toBe(expected);
  });

  it.each([
    'data: {"choices":[{"delta":{"content":"the \\"model\\":\\"a\\""}}]}',
    'data: {"delta":"model"}',
    'event: {"model":"a"}',
    ': {"model":"a"}',
    "data: [DONE]",
    "",
  ])("leaves %j alone", (line) => {
    expect(patch(line)).toBe(line);
  });

  it("renames in every line of a text and keeps its line ends", () => {
    const text = 'event: x\ndata: {"model":"a"}\r\n\r\ndata: {"model":"b"}\n\n';
    expect(patch(text)).toBe('event: x\ndata: {"model":"alias"}\r\n\r\ndata: {"model":"alias"}\n\n');
  });
});

describe("a line that begins like the one before", () => {
  const value = fc.oneof(
    fc.constantFrom("a", "b", "alias", 'the "model"', "mod\\u0065l"),
    fc.record({ model: fc.constantFrom("a", "alias", 1) }, { requiredKeys: [] }),
  );
  const entry = fc
    .tuple(fc.constantFrom("model", "message", "id", "mod\\u0065l", "response"), value)
    .map(([key, held]) => `"${key}":${JSON.stringify(held)}`);
  const line = fc
    .tuple(fc.constantFrom("data: ", "", "event: "), fc.array(entry, { maxLength: 4 }))
    .map(([before, entries]) => `${before}{${entries.join(",")}}`);

  it("is renamed as if it stood alone", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(7), { maxLength: 20 }), (some, order) => {
        const lines = order.flatMap((at) => some[at] ?? []);
        const together = createModelPatcher(PATHS, "alias");
        for (const text of lines) expect(together(text)).toBe(createModelPatcher(PATHS, "alias")(text));
      }),
      { numRuns: 300 },
    );
  });

  it("is renamed with many others as if it stood alone", () => {
    const alike = fc
      .tuple(fc.constantFrom("a", "b"), fc.string(), fc.option(entry, { nil: undefined }))
      .map(
        ([name, text, more]) =>
          `data: {"model":"${name}","delta":${JSON.stringify(text)}${more === undefined ? "" : `,${more}`}}`,
      );
    const any = fc.oneof({ weight: 4, arbitrary: alike }, line, fc.constantFrom("", "data: [DONE]", "\r"));
    fc.assert(
      fc.property(fc.array(fc.array(any, { maxLength: 8 }), { maxLength: 6 }), (batches) => {
        const together = createModelPatcher(PATHS, "alias");
        for (const lines of batches) {
          const alone = lines.map((text) => createModelPatcher(PATHS, "alias")(text));
          expect(together(lines.join("\n"))).toBe(alone.join("\n"));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
