import { describe, expect, it } from "vitest";
import { createInputDecoder, decodeInput } from "../../../adapters/openai-responses/input-decoder.ts";
import { unwrapCustomInput } from "../../../adapters/custom-tools.ts";

const decode = (pieces: string[]): string[] => {
  const decoder = createInputDecoder();
  return [...pieces.map((piece) => decoder.push(piece)), decoder.end()];
};
const AWKWARD = 'a "quoted" \\ back\nline\ttab \u0000 é 漢 😀 👩‍👩‍👧 / end';
/** The same with everything escaped that may be. */
const escaped = (text: string): string =>
  [...text]
    .flatMap((character) => character.split(""))
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

describe.each([
  ["as JSON.stringify writes it", JSON.stringify({ input: AWKWARD })],
  ["all escaped", `{"input":"${escaped(AWKWARD)}"}`],
  ["with white space", ` {\n "input" : "${escaped(AWKWARD)}" \n}`],
  ["with a slash escaped", '{"input":"a\\/b"}'],
  ["of another form", '{"patch":"x \\ud83d\\ude00"}'],
  ["a bare string", '"only\\ntext"'],
  ["no JSON", "*** Begin Patch"],
])("arguments %s", (_, json) => {
  it("are the text they hold, cut anywhere", () => {
    const text = unwrapCustomInput(json);
    expect(decodeInput(json)).toBe(text);
    expect(decode([...json].flatMap((character) => character.split(""))).join("")).toBe(text);
    for (let at = 0; at <= json.length; at++)
      expect(decode([json.slice(0, at), json.slice(at)]).join("")).toBe(text);
  });
});

it("the text comes piece by piece, never half a character", () => {
  expect(decode(['{"inp', 'ut":"a', "b\\", "n\\ud8", "3d", "\\ude", '00c"', "}"])).toEqual([
    "",
    "a",
    "b",
    "\n",
    "",
    "",
    "😀c",
    "",
    "",
  ]);
  expect(decode(['{"input":"\ud83d', '\ude00"}'])).toEqual(["", "😀", ""]);
});

it("arguments cut off or with more behind the text give what is there", () => {
  expect(decodeInput('{"input":"abc')).toBe("abc");
  expect(decodeInput('{"input":"abc\\u00')).toBe("abc");
  expect(decodeInput('{"input":"a\\ud83d')).toBe("a\ud83d");
  expect(decodeInput('{"input":"abc","more":{"input":"x"}} trailing')).toBe("abc");
  expect(decodeInput('{"input":"line\nbreak"}')).toBe("line\nbreak");
  expect(decodeInput('{"in put":"x"}')).toBe("x");
});

it("no arguments are no text", () => {
  expect(["", "{}", " { } "].map(decodeInput)).toEqual(["", "", ""]);
});

it("takes long arguments in linear time", () => {
  const decoder = createInputDecoder();
  const began = performance.now();
  for (let at = 0; at < 200_000; at++) decoder.push(" ");
  for (const piece of ['{"input":"', ..."\\n".repeat(100_000)]) decoder.push(piece);
  expect(decoder.end()).toBe("");
  expect(performance.now() - began).toBeLessThan(2000);
});
