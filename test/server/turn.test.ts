import { describe, expect, it } from "vitest";
import { atTurnEnd } from "../../server/turn.ts";

describe("atTurnEnd", () => {
  it("does everything of a turn together, in order, once nothing else of it is left", async () => {
    const seen: string[] = [];
    atTurnEnd(() => seen.push("first"));
    process.nextTick(() => {
      seen.push("tick");
      atTurnEnd(() => seen.push("second"));
    });
    setImmediate(() => seen.push("after"));
    await Promise.resolve();
    expect(seen).toEqual([]);
    await new Promise(setImmediate);
    expect(seen).toEqual(["tick", "first", "second", "after"]);
  });

  it("leaves to the next turn what is asked for meanwhile", async () => {
    const seen: string[] = [];
    atTurnEnd(() => {
      seen.push("first");
      atTurnEnd(() => seen.push("next"));
    });
    atTurnEnd(() => seen.push("second"));
    await new Promise(setImmediate);
    expect(seen).toEqual(["first", "second"]);
    await new Promise(setImmediate);
    expect(seen).toEqual(["first", "second", "next"]);
  });
});
