import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { GatewayError } from "../../adapters/errors.ts";
import { createJsonProgress, sequenceCalls } from "../../adapters/sequence-calls.ts";
import type { StreamEvent } from "../../adapters/unified.ts";

const run = (events: StreamEvent[]): StreamEvent[] => {
  const stage = sequenceCalls();
  return [...events.flatMap((event) => stage.push([event])), ...stage.end()];
};
const start = (index: number, name = `t${index}`): StreamEvent => ({ type: "tool-start", index, name });
const delta = (index: number, json: string): StreamEvent => ({ type: "tool-delta", index, json });
const text = (value: string): StreamEvent => ({ type: "text-delta", text: value });
const finish: StreamEvent = { type: "finish", reason: "tool-calls" };

describe("sequenceCalls", () => {
  it("passes on at once what needs no order", () => {
    const stage = sequenceCalls();
    expect(stage.push([text("a"), start(0), delta(0, '{"a"')])).toEqual([
      text("a"),
      start(0),
      delta(0, '{"a"'),
    ]);
    expect(stage.push([delta(0, ":1}")])).toEqual([delta(0, ":1}")]);
    expect(stage.push([start(1), delta(1, "{}"), finish])).toEqual([start(1), delta(1, "{}"), finish]);
  });

  it("trap 30: brings deltas of parallel calls together, the first call streaming on", () => {
    const stage = sequenceCalls();
    expect(stage.push([start(0), start(1), delta(0, '{"a":'), delta(1, '{"b":')])).toEqual([
      start(0),
      delta(0, '{"a":'),
    ]);
    expect(stage.push([delta(1, "2}"), delta(0, "1}")])).toEqual([
      delta(0, "1}"),
      start(1),
      delta(1, '{"b":'),
      delta(1, "2}"),
    ]);
    expect(stage.push([finish])).toEqual([finish]);
  });

  it("trap 31: closes a call without arguments with {}, in every position", () => {
    const events = [start(0), start(1), delta(1, '{"b":2}'), start(2), text("then"), finish];
    expect(run(events)).toEqual([
      start(0),
      delta(0, "{}"),
      start(1),
      delta(1, '{"b":2}'),
      start(2),
      delta(2, "{}"),
      text("then"),
      finish,
    ]);
  });

  it("keeps what belongs to a call together when a text comes in between", () => {
    expect(run([start(0), delta(0, '{"a":'), text("x"), delta(0, "1}"), finish])).toEqual([
      start(0),
      delta(0, '{"a":'),
      delta(0, "1}"),
      text("x"),
      finish,
    ]);
  });

  it("lets nothing wait for ever: an error and a stream's end release what is held", () => {
    const error: StreamEvent = { type: "error", error: new GatewayError("upstream", "cut") };
    const held = [start(0), delta(0, '{"a'), start(1), delta(1, "{}")];
    expect(run([...held, error])).toEqual([...held, error]);
    expect(run(held)).toEqual(held);
  });

  it("drops a delta of a call that never started", () => {
    expect(run([delta(3, "{}"), text("a"), finish])).toEqual([text("a"), finish]);
  });

  it("drops white space that comes when the call is over and something else began", () => {
    const events = [start(0), delta(0, '{"a":1'), text("x"), delta(0, "}"), delta(0, "\n"), start(1), finish];
    expect(run(events)).toEqual([
      start(0),
      delta(0, '{"a":1'),
      delta(0, "}"),
      text("x"),
      start(1),
      delta(1, "{}"),
      finish,
    ]);
  });

  it("gives the deltas of an index that was used again to the later call", () => {
    const events = [start(0, "a"), start(0, "b"), delta(0, '{"b":1}'), finish];
    expect(run(events)).toEqual([start(0, "a"), delta(0, "{}"), start(0, "b"), delta(0, '{"b":1}'), finish]);
  });

  it("is linear in the number of waiting calls, whatever their order", () => {
    const count = 20_000;
    const began = performance.now();
    const starts = Array.from({ length: count }, (_, index) => start(index));
    expect(run([...starts, finish])).toHaveLength(2 * count + 1);
    const backwards = starts.map((_, index) => delta(count - 1 - index, "{}"));
    expect(run([...starts, ...backwards, finish])).toHaveLength(2 * count + 1);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it("keeps every call's arguments whole and contiguous under any interleaving", () => {
    const call = fc.tuple(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })),
      fc.array(fc.nat(), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (calls, picks) => {
        const queues = calls.map(([args, cuts], index) => [
          start(index),
          ...pieces(JSON.stringify(args), cuts).map((json) => delta(index, json)),
        ]);
        const events = interleave([...queues, [text("a"), text("b")]], () => picks.next().value as number);
        const out = run([...events, finish]);
        expect(out.at(-1)).toEqual(finish);
        const order: number[] = [];
        const args = new Map<number, string>();
        for (const event of out) {
          if (event.type === "tool-start") {
            order.push(event.index);
            args.set(event.index, "");
          } else if (event.type === "tool-delta") {
            expect(order.at(-1)).toBe(event.index);
            args.set(event.index, `${args.get(event.index)}${event.json}`);
          }
        }
        expect(order).toHaveLength(calls.length);
        for (const [index, [value]] of calls.entries()) expect(args.get(index)).toBe(JSON.stringify(value));
        expect(out.flatMap((event) => (event.type === "text-delta" ? [event.text] : [])).join("")).toBe("ab");
      }),
      { numRuns: 300 },
    );
  });
});

describe("createJsonProgress", () => {
  it("is complete exactly at the end of the one value", () => {
    fc.assert(
      fc.property(fc.oneof(fc.object(), fc.array(fc.string())), (value) => {
        const json = JSON.stringify(value);
        const progress = createJsonProgress();
        expect(progress.empty()).toBe(true);
        for (let at = 0; at < json.length; at++) {
          expect(progress.complete()).toBe(false);
          progress.push(json[at] as string);
        }
        expect(progress.complete()).toBe(true);
        progress.push(" \n");
        expect(progress.complete()).toBe(true);
        expect(progress.empty()).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

function pieces(json: string, cuts: number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % json.length))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => json.slice(from, places[index])).filter((piece) => piece !== "");
}

/** One of the queues' heads after the other, each queue in its own order. */
function interleave(queues: StreamEvent[][], pick: () => number): StreamEvent[] {
  const left = queues.filter((queue) => queue.length > 0).map((queue) => [...queue]);
  const out: StreamEvent[] = [];
  while (left.length) {
    const at = pick() % left.length;
    const queue = left[at] ?? [];
    const event = queue.shift();
    if (event) out.push(event);
    if (queue.length === 0) left.splice(at, 1);
  }
  return out;
}
