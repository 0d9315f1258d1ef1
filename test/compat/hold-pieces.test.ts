import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../adapters/unified.ts";
import { holdPieces, type WaitsFor } from "../../compat/hold-pieces.ts";

/** A stage that gives on what it gets, and waits for what the last text names. */
function open() {
  let state: WaitsFor = "nothing";
  const seen: StreamEvent[][] = [];
  const stage = holdPieces(
    {
      push(events) {
        seen.push(events);
        for (const event of events) {
          if (event.type !== "text-delta") continue;
          const word = /(nothing|little|closer|end)!/.exec(event.text)?.[1];
          if (word !== undefined) state = word as WaitsFor;
        }
        return events;
      },
      end: () => [{ type: "finish", reason: "stop" }],
    },
    () => state,
  );
  const say = (text: string) => stage.push([{ type: "text-delta", text }]);
  return { stage, say, seen };
}
const text = (value: string): StreamEvent => ({ type: "text-delta", text: value });

describe("holdPieces", () => {
  it("gives on at once where something may come of it", () => {
    const { say } = open();
    for (const word of ["a", "b >", "c"]) expect(say(word)).toEqual([text(word)]);
  });

  it.each(["little", "closer"])("%s: lets pieces wait for a closer, and gives them on as one", (state) => {
    const { say, seen } = open();
    say(`${state}!`);
    expect([say("a"), say("b"), say("</c")]).toEqual([[], [], []]);
    expect(say(">d")).toEqual([text("ab</c>d")]);
    expect(seen).toHaveLength(2);
  });

  it("end: a closer is none", () => {
    const { say, stage } = open();
    say("end!");
    expect([say("a>"), say("b>")]).toEqual([[], []]);
    expect(stage.end()).toEqual([text("a>b>"), { type: "finish", reason: "stop" }]);
    expect(stage.end()).toEqual([{ type: "finish", reason: "stop" }]);
  });

  it("is never patient without end", () => {
    for (const state of ["little", "closer", "end"]) {
      const { say } = open();
      say(`${state}!`);
      const given = Array.from({ length: 10_000 }, () => say("word")).flat();
      expect(given.length).toBeGreaterThan(3);
    }
  });

  it("keeps the order with what is no text", () => {
    const { say, stage, seen } = open();
    const citation: StreamEvent = { type: "citation", citation: { url: "https://a.example" } };
    say("end!");
    say("a");
    expect(stage.push([citation])).toEqual([text("a"), citation]);
    expect(stage.push([citation])).toEqual([citation]);
    say("b");
    expect(stage.push([text("c"), citation])).toEqual([text("b"), text("c"), citation]);
    expect(seen.flat().map((event) => (event.type === "text-delta" ? event.text : event.type))).toEqual([
      "end!",
      "a",
      "citation",
      "citation",
      "b",
      "c",
      "citation",
    ]);
  });
});
