import { describe, expect, it } from "vitest";
import { createThinkTagSplitter } from "../../adapters/think-tags.ts";

function split(pieces: string[]): { thinking: string; text: string } {
  const splitter = createThinkTagSplitter();
  const events = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush()];
  const said = (type: string): string =>
    events.map((event) => (event.type === type && "text" in event ? event.text : "")).join("");
  return { thinking: said("thinking-delta"), text: said("text-delta") };
}

const CASES: [name: string, text: string, thinking: string, answer: string][] = [
  ["thoughts and answer", "<think>\nhm, so\n</think>\n\nHi there", "hm, so", "Hi there"],
  ["blanks in front", " \n<think>hm</think>Hi", "hm", "Hi"],
  ["no thoughts in the tags", "<think>\n\n</think>\n\nHi", "", "Hi"],
  ["no tags", "Hi there", "", "Hi there"],
  ["blanks of a plain answer", "\n  Hi\n", "", "\n  Hi\n"],
  [
    "a tag further on",
    "Use <think> like this: <think>x</think>",
    "",
    "Use <think> like this: <think>x</think>",
  ],
  ["a second thought", "<think>a</think>b<think>c</think>", "a", "b<think>c</think>"],
  ["only the closing tag", "hm\n</think>\n\nHi", "", "hm\n</think>\n\nHi"],
  ["nobody closed them", "<think>hm, so </thin", "hm, so </thin", ""],
  ["what only looks like the tag", "<thinner>", "", "<thinner>"],
  ["an angle in the thoughts", "<think>a < b </ c</think>d", "a < b </ c", "d"],
  ["half an opening tag at the end", "<thi", "", "<thi"],
  ["another tag's case", "<Think>a</Think>", "", "<Think>a</Think>"],
  ["nothing", "", "", ""],
  ["many blanks in the thoughts", `<think>a${" ".repeat(600)}b</think>c`, `a${" ".repeat(600)}b`, "c"],
];

describe("trap 34: <think> in the text", () => {
  it.each(CASES)("%s", (_, whole, thinking, text) => {
    expect(split([whole])).toEqual({ thinking, text });
    expect(split([...whole])).toEqual({ thinking, text });
    for (let at = 1; at < whole.length; at++) {
      expect(split([whole.slice(0, at), whole.slice(at)])).toEqual({ thinking, text });
    }
  });

  it("gives thoughts as they come", () => {
    const splitter = createThinkTagSplitter();
    expect(splitter.push("<think>one ")).toEqual([{ type: "thinking-delta", text: "one" }]);
    expect(splitter.push("two</th")).toEqual([{ type: "thinking-delta", text: " two" }]);
    expect(splitter.push("ink>three")).toEqual([{ type: "text-delta", text: "three" }]);
    expect(splitter.flush()).toEqual([]);
  });

  it("takes linear time on blanks that never end", () => {
    const started = performance.now();
    for (const begin of ["", "<think>a"]) split([begin, ...Array<string>(100_000).fill(" ")]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
