import { describe, expect, it } from "vitest";
import { readElements } from "../../../compat/tools/values/read-elements.ts";

const text = { type: "string" };
const schema = { type: "object", properties: { a: text, b: text, n: { type: "integer" } }, required: ["a"] };
const read = (elements: string) =>
  readElements(elements, schema)?.texts.map(({ key, text: value }) => [key, value]);

describe("readElements", () => {
  it("keeps the breaks of a text of several lines, and takes those off that stand around one line", () => {
    expect(read("<a>\none\n</a><b>\none\ntwo\n</b>")).toEqual([
      ["a", "one"],
      ["b", "\none\ntwo\n"],
    ]);
  });

  it("uses no text that was written twice where it is required; of others the last is left to win", () => {
    expect(read("<a>1</a><a>2</a>")).toBeUndefined();
    expect(read("<a>1</a><b>2</b><b>3</b>")).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["b", "3"],
    ]);
  });

  it("ends before an element that is something else, and says when the last was not closed", () => {
    const elements = "<a>1</a>\n<tool><a>2</a></tool>";
    expect(readElements(elements, schema, (key) => key === "tool")).toMatchObject({ end: 9 });
    expect(readElements("<a>1", schema)).toMatchObject({ unclosed: true });
  });
});
