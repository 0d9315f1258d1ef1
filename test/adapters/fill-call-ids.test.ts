import { describe, expect, it } from "vitest";
import { fillCallIds } from "../../adapters/fill-call-ids.ts";
import type { StreamEvent } from "../../adapters/unified.ts";

const fill = (...ids: (string | undefined)[]): (string | undefined)[] => {
  let count = 0;
  const stage = fillCallIds(() => `new${++count}`);
  const events = ids.map((id, index): StreamEvent => ({ type: "tool-start", index, id, name: "t" }));
  const out = events.flatMap((event) => stage.push([event]));
  return [...out, ...stage.end()].map((event) => (event.type === "tool-start" ? event.id : event.type));
};

describe("fillCallIds", () => {
  it("trap 18: keeps the provider's ids as they are", () => {
    expect(fill("a", "call_1", "toolu_01")).toEqual(["a", "call_1", "toolu_01"]);
  });

  it("trap 19: gives every call without an id one of its own", () => {
    expect(fill(undefined, "", undefined)).toEqual(["call_new1", "call_new2", "call_new3"]);
  });

  it("gives the second call of one id another one", () => {
    expect(fill("a", "a", "b", "a")).toEqual(["a", "call_new1", "b", "call_new2"]);
  });

  it("leaves every other event alone", () => {
    const events: StreamEvent[] = [
      { type: "text-delta", text: "a" },
      { type: "tool-delta", index: 0, json: "{}" },
    ];
    expect(fillCallIds(() => "x").push(events)).toEqual(events);
  });
});
