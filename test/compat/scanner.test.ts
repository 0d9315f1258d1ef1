import { describe, expect, it } from "vitest";
import { createMarks } from "../../compat/scanner.ts";
import { createDice } from "../support/mutate.ts";

/** The rule, without any index. */
function createPlainMarks(marks: readonly string[]) {
  const longestFirst = marks.toSorted((one, other) => other.length - one.length);
  const stands = (mark: string, text: string, at: number): boolean => text.startsWith(mark, at);
  const may = (mark: string, text: string, at: number, ended: boolean): boolean =>
    !ended && text.length - at < mark.length && mark.startsWith(text.slice(at));
  return {
    match(text: string, at: number, ended: boolean, allowed: (mark: string) => boolean) {
      const first = longestFirst.find(
        (mark) => (stands(mark, text, at) || may(mark, text, at, ended)) && allowed(mark),
      );
      return first === undefined || stands(first, text, at) ? first : "wait";
    },
    lacks: (text: string) => ![...text].some((letter) => marks.some((mark) => mark.startsWith(letter))),
    next(text: string, from: number, ended: boolean) {
      for (let at = from; at < text.length; at++)
        if (marks.some((mark) => stands(mark, text, at) || may(mark, text, at, ended))) return at;
      return text.length;
    },
  };
}

describe("createMarks", () => {
  const words = [
    "a",
    "ab",
    "abc",
    "abd",
    "abcde",
    "b",
    "bb",
    "<",
    "<|",
    "tool_1",
    "tool_10",
    "tool_2",
    "é",
    "éa",
  ];
  const letters = [..."abcde<|tool_12é "];

  it("finds what a look at every mark would, in any text and cut anywhere", () => {
    const dice = createDice(8);
    for (let round = 0; round < 3000; round++) {
      const marks = words.filter(() => dice(2) === 0);
      const text = Array.from({ length: dice(14) }, () =>
        dice(3) === 0 ? words[dice(words.length)] : letters[dice(letters.length)],
      ).join("");
      const refused = words[dice(words.length)];
      const allowed = (mark: string): boolean => mark !== refused;
      const [quick, plain] = [createMarks(marks), createPlainMarks(marks)];
      const told = JSON.stringify({ marks, text, refused });
      expect(quick.lacks(text), told).toBe(plain.lacks(text));
      for (const ended of [true, false]) {
        for (let at = 0; at <= text.length; at++) {
          expect(quick.next(text, at, ended), told).toBe(plain.next(text, at, ended));
          if (at < text.length)
            expect(quick.match(text, at, ended, allowed), told).toBe(plain.match(text, at, ended, allowed));
        }
      }
    }
  });

  it("looks once for all names that begin alike", () => {
    const names = Array.from({ length: 200 }, (_, index) => `mcp__server__tool_${index}`);
    const marks = createMarks(names);
    expect(marks.next("mcp__other__tool_1(", 0, false)).toBe("mcp__other__tool_1(".length);
    expect(marks.next("so mcp__server__tool_7(", 0, false)).toBe(3);
    expect(marks.next("so mcp__se", 0, false)).toBe(3);
    expect(marks.next("so mcp__se", 0, true)).toBe(10);
  });
});
