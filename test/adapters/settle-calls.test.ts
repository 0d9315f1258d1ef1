import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settleCalls } from "../../adapters/settle-calls.ts";
import type { Message } from "../../adapters/unified.ts";

const call = (id: string): Message => ({
  role: "assistant",
  content: [{ type: "tool-call", id, name: `t${id}`, args: "{}" }],
});
const result = (id: string): Message => ({
  role: "tool",
  content: [{ type: "tool-result", id, name: "", content: [{ type: "text", text: `result ${id}` }] }],
});
const user: Message = { role: "user", content: [{ type: "text", text: "and?" }] };

describe("settleCalls", () => {
  it("puts results directly after their call, under the tool's name, and what was said in between behind them", () => {
    const settled = settleCalls([call("1"), user, result("1")]);
    expect(settled.map((message) => message.role)).toEqual(["assistant", "tool", "user"]);
    expect(settled[1]).toMatchObject({ content: [{ id: "1", name: "t1" }] });
  });

  it("answers a call that the client gave up on, and keeps a result without a call as text", () => {
    const settled = settleCalls([call("1"), user, result("9")]);
    expect(settled[1]).toMatchObject({ role: "tool", content: [{ id: "1", isError: true }] });
    expect(JSON.stringify(settled.slice(2))).toContain("result 9");
  });

  it("leaves every call answered exactly once before the next turn, whatever came in, and loses no text", () => {
    const message = fc.oneof(
      fc.constantFrom("1", "2", "3").map(call),
      fc.constantFrom("1", "2", "3").map(result),
      fc.constant(user),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 9 }), (messages) => {
        const settled = settleCalls(messages);
        let open: string[] = [];
        for (const { role, content } of settled) {
          if (role !== "tool" && role !== "assistant") expect(open).toEqual([]);
          for (const part of content) {
            if (part.type === "tool-call") open.push(part.id);
            if (part.type === "tool-result") {
              expect(open).toContain(part.id);
              open = open.filter((id) => id !== part.id);
            }
          }
        }
        expect(open).toEqual([]);
        const words = (all: Message[]): number => JSON.stringify(all).split("result ").length;
        for (const id of ["1", "2", "3"]) {
          const given = messages.filter((one) => JSON.stringify(one).includes(`"result ${id}"`)).length;
          expect(JSON.stringify(settled).split(`"result ${id}"`).length - 1).toBe(given);
        }
        expect(words(settled)).toBeGreaterThanOrEqual(words(messages));
      }),
    );
  });
});
