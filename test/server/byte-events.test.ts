import { describe, expect, it } from "vitest";
import { createByteEvents, findEventEnd } from "../../server/byte-events.ts";

const TEXT = "event: a\ndata: 1\n\ndata: 2\r\n\r\n: c\n\n\ndata: 3\n\r\ndata: half\n";

describe("createByteEvents", () => {
  it.each(["sse", "ndjson"] as const)(
    "gives whole events and loses no byte, wherever bytes are cut (%s)",
    (framing) => {
      const bytes = Buffer.from(TEXT);
      for (let first = 0; first <= bytes.length; first++) {
        for (let second = first; second <= bytes.length; second++) {
          const events = createByteEvents(framing);
          const given = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)].map(
            (chunk) => events.push(chunk).toString(),
          );
          for (const batch of given) if (framing === "sse") expect(batch).toMatch(/^$|^\r?\n$|\n\r?\n$/);
          const rest = framing === "sse" ? "data: half\n" : "";
          expect(events.pending()).toBe(rest.length);
          expect([given.join(""), events.end().toString()]).toEqual([
            TEXT.slice(0, TEXT.length - rest.length),
            rest,
          ]);
        }
      }
    },
  );

  it("finds where an event ends", () => {
    const pieces = (framing: "sse" | "ndjson"): string[] => {
      const all = [];
      for (let from = 0; from < TEXT.length;) {
        const to = findEventEnd(TEXT, from, framing);
        all.push(TEXT.slice(from, to));
        from = to;
      }
      return all;
    };
    expect(pieces("sse")).toEqual([
      "event: a\ndata: 1\n\n",
      "data: 2\r\n\r\n",
      ": c\n\n",
      "\ndata: 3\n\r\n",
      "data: half\n",
    ]);
    expect(pieces("ndjson")).toEqual(TEXT.split(/(?<=\n)/));
  });
});
