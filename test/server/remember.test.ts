import { describe, expect, it } from "vitest";
import { remember, rememberFor } from "../../server/remember.ts";

describe("remember", () => {
  it("works a value out once, and again when there were too many others", () => {
    const asked: string[] = [];
    const length = remember((key) => asked.push(key) && { length: key.length }, 2);
    expect(length("a")).toBe(length("a"));
    length("bb");
    length("ccc");
    expect(length("a")).toEqual({ length: 1 });
    expect(asked).toEqual(["a", "bb", "ccc", "a"]);
  });

  it("keeps no failure", () => {
    let fails = true;
    const read = remember(() => {
      if (fails) throw new Error("not yet");
      return 1;
    });
    expect(() => read("a")).toThrow("not yet");
    fails = false;
    expect(read("a")).toBe(1);
  });

  it("knows objects by what they are, not by what they hold", () => {
    let count = 0;
    const number = rememberFor(() => ++count);
    const [a, b] = [{}, {}];
    expect([number(a), number(b), number(a)]).toEqual([1, 2, 1]);
  });
});
