import { expect, it } from "vitest";
import { parseYaml, salvageYaml } from "../../../compat/tools/values/parse-yaml.ts";

it.each<[string, unknown]>([
  ["a: 1\nb: x y # no\nc: true", { a: 1, b: "x y", c: true }],
  ["a:\n  b:\n    - 1\n    - c: 2\n      d: 3", { a: { b: [1, { c: 2, d: 3 }] } }],
  ["a: |\n  one\n\n    two\nb: >-\n  folded\n  text", { a: "one\n\n  two\n", b: "folded text" }],
  ["a: 'it''s'\nb: \"two\\n\"\nc: {d: [1, 2]}", { a: "it's", b: "two\n", c: { d: [1, 2] } }],
  ["a: one\n  two", { a: "one two" }],
  ["a: |-\r\n  x\r\n  y\r\n", { a: "x\ny" }],
])("reads %j", (text, value) => expect(parseYaml(text)).toEqual(value));

it.each(["just prose", "- a\n- b", "a: [1", "a: 1\nprose", ""])("refuses %j", (text) =>
  expect(parseYaml(text)).toBeUndefined(),
);

it("salvages a long text that nobody quoted", () => {
  const text = 'path: a.py\ntext: """Doc.\n\nNote: this\n"""\nend';
  expect(parseYaml(text)).toBeUndefined();
  expect(salvageYaml(text, new Set(["path", "text"]))).toEqual({
    path: "a.py",
    text: '"""Doc.\n\nNote: this\n"""\nend',
  });
});
