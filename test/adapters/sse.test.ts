import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createSseParser, writeSse, type SseEvent } from "../../adapters/sse.ts";

const parse = (pieces: string[]): SseEvent[] => {
  const parser = createSseParser();
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
};

describe("createSseParser", () => {
  it("trap 42: reads data with and without a space, several data lines, comments and named events", () => {
    const text = [
      "\uFEFF: hello",
      "data:a",
      "",
      "event: ping",
      "data: b",
      "data:  c",
      "id: 7",
      "retry: 10",
      "",
      ":comment",
      "",
      "data",
      "data: d",
      "",
      "data:",
      "",
      "event:only-a-name",
      "",
      "data: last",
    ].join("\n");
    const expected = [
      { data: "a" },
      { event: "ping", data: "b\n c" },
      { data: "\nd" },
      { data: "" },
      { data: "last" },
    ];
    for (const end of ["\n", "\r\n", "\r"]) expect(parse([text.replaceAll("\n", end)])).toEqual(expected);
  });

  it("does not carry a name over to the next event", () => {
    expect(parse(["event: a\n\ndata: b\n\n"])).toEqual([{ data: "b" }]);
  });

  it("takes a field name for what it is, not for a beginning", () => {
    expect(parse(["dataset: a\ndatabase:b\nevents: c\ndata: d\n\n"])).toEqual([{ data: "d" }]);
  });

  it("reads what writeSse wrote, for every cut and every line end", () => {
    const events = fc.array(
      fc.record(
        { event: fc.stringMatching(/^[a-z_.]{1,8}$/), data: fc.json({ maxDepth: 2 }) },
        { requiredKeys: ["data"] },
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(events, fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat()), (all, end, cuts) => {
        const text = all
          .map(({ event, data }) => writeSse(data, event))
          .join(": keep-alive\n\n")
          .replaceAll("\n", end);
        expect(parse([text])).toEqual(all);
        expect(parse(text.split(""))).toEqual(all);
        const at = text.length ? (cuts[0] ?? 0) % text.length : 0;
        expect(parse([text.slice(0, at), text.slice(at)])).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  it("gives every two-way cut of a mixed stream the same events", () => {
    const text = 'data: {"a":"é😀"}\r\n\r\nevent: x\ndata: 1\r\rdata:2\r\ndata:3\n\n';
    const whole = parse([text]);
    expect(whole).toHaveLength(3);
    for (let at = 0; at <= text.length; at++)
      expect(parse([text.slice(0, at), text.slice(at)])).toEqual(whole);
  });
});
