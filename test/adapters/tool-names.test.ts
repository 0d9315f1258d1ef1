import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createNameMap, type NameRule } from "../../adapters/tool-names.ts";
import type { UnifiedRequest } from "../../adapters/unified.ts";

const openai: NameRule = { allowed: /[a-zA-Z0-9_-]/, maxLength: 64 };
const gemini: NameRule = { allowed: /[a-zA-Z0-9_.:-]/, first: /[a-zA-Z_]/, maxLength: 64 };
const asking = (...names: string[]): UnifiedRequest => ({
  model: "m",
  stream: false,
  messages: [],
  tools: names.map((name) => ({ name, parameters: {} })),
});
const isAllowed = (wire: string, rule: NameRule): boolean =>
  wire !== "" &&
  wire.length <= rule.maxLength &&
  (rule.first?.test(wire[0] ?? "") ?? true) &&
  [...wire].every((character) => rule.allowed.test(character));

const anyName = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.stringMatching(/^mcp__[a-z]{1,6}[.:/][a-z]{1,80}$/),
  fc.constantFrom(
    "",
    "Bash",
    "1st",
    "a.b",
    "a:b",
    "a_b",
    "工具",
    "😀",
    "x".repeat(64),
    "x".repeat(65),
    "__proto__",
    "constructor",
  ),
);

describe("createNameMap", () => {
  it("trap 17: gives every tool an allowed name of its own, and back", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyName, { maxLength: 12 }),
        fc.constantFrom(openai, gemini),
        (names, rule) => {
          const map = createNameMap(asking(...names), rule);
          const wires = names.map(map.toWire);
          expect(new Set(wires).size).toBe(names.length);
          for (const [at, name] of names.entries()) {
            const wire = wires[at] ?? "";
            expect(isAllowed(wire, rule)).toBe(true);
            expect(map.fromWire(wire)).toBe(name);
            if (isAllowed(name, rule)) expect(wire).toBe(name);
          }
          // The same on every turn, in whatever order the tools come.
          expect(names.map(createNameMap(asking(...names.toReversed()), rule).toWire)).toEqual(wires);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("trap 17: keeps a tool apart whose own name is the short name of another", () => {
    const long = "mcp.server.tool";
    const short = createNameMap(asking(long), openai).toWire(long);
    for (const names of [
      [long, short],
      [short, long],
    ]) {
      const map = createNameMap(asking(...names), openai);
      expect(map.toWire(short)).toBe(short);
      expect(map.toWire(long)).not.toBe(short);
      for (const name of names) expect(map.fromWire(map.toWire(name))).toBe(name);
    }
  });

  it("knows the names of past calls and results", () => {
    const request: UnifiedRequest = {
      model: "m",
      stream: false,
      messages: [
        { role: "assistant", content: [{ type: "tool-call", id: "1", name: "a.b", args: "" }] },
        { role: "tool", content: [{ type: "tool-result", id: "2", name: "c.d", content: [] }] },
      ],
    };
    const map = createNameMap(request, openai);
    expect(["a.b", "c.d"].map((name) => map.fromWire(map.toWire(name)))).toEqual(["a.b", "c.d"]);
  });

  it("does not take a file's name for a tool's", () => {
    const source = { kind: "base64", data: "" } as const;
    const request: UnifiedRequest = {
      model: "m",
      stream: false,
      messages: [
        { role: "assistant", content: [{ type: "media", mimeType: "image/png", source, name: "a b" }] },
      ],
    };
    const map = createNameMap(request, openai);
    expect(map.fromWire(map.toWire("a b"))).toBe(map.toWire("a b"));
  });

  it("takes off the namespace that some gateways put in front", () => {
    const map = createNameMap(asking("Bash", "my.tool"), openai);
    expect(map.fromWire("default_api:Bash")).toBe("Bash");
    expect(map.fromWire(`default_api:${map.toWire("my.tool")}`)).toBe("my.tool");
  });

  it("gives back unknown names as they are", () => {
    const map = createNameMap(asking("Bash"), openai);
    expect(["Other", "x:y", "", "constructor"].map(map.fromWire)).toEqual([
      "Other",
      "x:y",
      "",
      "constructor",
    ]);
  });
});
