import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { findTool, pairCalls, toSafeId } from "../../adapters/tool-ids.ts";
import type { Message, ToolCallPart, ToolResultPart } from "../../adapters/unified.ts";

const call = (id: string, name: string): ToolCallPart => ({ type: "tool-call", id, name, args: "{}" });
const result = (id: string, name: string): ToolResultPart => ({ type: "tool-result", id, name, content: [] });
const calls = (...content: ToolCallPart[]): Message => ({ role: "assistant", content });
const results = (...content: ToolResultPart[]): Message => ({ role: "tool", content });
const pair = (...messages: Message[]): string[] =>
  pairCalls(messages).flatMap((message) =>
    message.content.flatMap((part) => ("id" in part ? [`${part.name}=${part.id}`] : [])),
  );

describe("toSafeId", () => {
  const rule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 40 };

  it("trap 18: keeps an id that fits and makes the same one of the same other one", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 }), (a, b) => {
        const safe = toSafeId(a, rule);
        expect(safe).toMatch(rule.allowed);
        expect(safe.length).toBeLessThanOrEqual(rule.maxLength);
        expect(toSafeId(a, rule)).toBe(safe);
        expect(toSafeId(safe, rule)).toBe(safe);
        if (a !== "" && a.length <= 40 && rule.allowed.test(a)) expect(safe).toBe(a);
        if (a !== b) expect(toSafeId(b, rule)).not.toBe(safe);
      }),
    );
  });

  it("respects a short limit", () => {
    expect(toSafeId("x".repeat(99), { allowed: /^[a-z0-9_]+$/, maxLength: 9 })).toHaveLength(9);
  });
});

describe("pairCalls", () => {
  it("leaves complete pairs and other messages as they are", () => {
    const messages: Message[] = [
      { role: "user", content: [{ type: "text", text: "a" }] },
      { role: "assistant", content: [{ type: "text", text: "b" }] },
      calls(call("1", "a"), call("2", "b")),
      results(result("2", "b"), result("1", "a")),
    ];
    expect(pairCalls(messages)).toEqual(messages);
  });

  it("gives a result the name of its call, also a second one", () => {
    expect(
      pair(calls(call("1", "a"), call("2", "b")), results(result("2", ""), result("1", ""), result("1", ""))),
    ).toEqual(["a=1", "b=2", "b=2", "a=1", "a=1"]);
  });

  it("trap 19: gives calls without ids different ones, and their results the same by name", () => {
    const [a, b, second, ...answers] = pair(
      calls(call("", "a"), call("", "b"), call("", "a")),
      results(result("", "b"), result("", "a"), result("", "a")),
    );
    expect(new Set([a, b, second])).toHaveProperty("size", 3);
    expect(answers).toEqual([b, a, second]);
  });

  it("pairs results that have neither id nor name by their order", () => {
    expect(pair(calls(call("1", "a"), call("2", "b")), results(result("", ""), result("", "")))).toEqual([
      "a=1",
      "b=2",
      "a=1",
      "b=2",
    ]);
  });

  it("depends on the conversation alone, so that a longer one begins with the same ids", () => {
    const turn = (): Message[] => [
      calls(call("", "a"), call("", "b.c")),
      results(result("", "b.c"), result("", "a")),
    ];
    const once = pair(...turn());
    expect(pair(...turn(), ...turn()).slice(0, once.length)).toEqual(once);
    const ids = pair(...turn(), ...turn()).map((line) => line.slice(line.indexOf("=") + 1));
    expect(new Set(ids).size).toBe(4);
  });

  it("gives a result without a call an id too, and keeps its own if it has one", () => {
    expect(pair(results(result("", "a"), result("", ""), result("x", "")))).toEqual([
      "a=call_unpaired_0",
      "=call_unpaired_1",
      "=x",
    ]);
  });

  it("does not touch what it was given", () => {
    const messages = [calls(call("", "a")), results(result("", ""))];
    const before = structuredClone(messages);
    pairCalls(messages);
    expect(messages).toEqual(before);
  });
});

describe("findTool", () => {
  it("finds by exact name", () => {
    const tools = [{ name: "a", parameters: {} }];
    const request = { model: "m", stream: false, messages: [], tools };
    expect(findTool(request, "a")).toBe(tools[0]);
    expect(findTool(request, "A")).toBeUndefined();
    expect(findTool({ ...request, tools: undefined }, "a")).toBeUndefined();
  });
});
