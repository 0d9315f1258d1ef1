import { describe, expect, it } from "vitest";
import { joinHeaders } from "../../server/join-headers.ts";

describe("joinHeaders", () => {
  it("makes an object of its own, in which the second's values count", () => {
    const first = Object.freeze({ a: "1", b: "1" });
    const second = Object.freeze({ b: "2", c: "2" });
    const joined = joinHeaders(first, second);
    joined.d = "3";
    expect(joined).toEqual({ a: "1", b: "2", c: "2", d: "3" });
    expect(Object.keys(joined)).toEqual(["a", "b", "c", "d"]);
  });

  it("takes nothing for no headers", () => {
    expect(joinHeaders(undefined, { a: "1" })).toEqual({ a: "1" });
  });
});
