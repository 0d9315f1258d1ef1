import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import type { Tool, UnifiedRequest } from "../../adapters/unified.ts";
import {
  checkRequest,
  checkText,
  refuseProtoKeys,
  REQUEST_LIMITS,
  TEXT_LIMITS,
} from "../../server/body-limits.ts";

const refusal = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError && error.kind === "invalid-request") return error.message;
    throw error;
  }
};
const ofText = (text: string): string | undefined => refusal(() => checkText(text));

const depthOf = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
};

describe("checkText", () => {
  const keys = (count: number): string =>
    `[${Array.from({ length: count / 1000 }, () => `{${'"k":1,'.repeat(999)}"k":1}`).join(",")}]`;
  const values = (count: number): string => `[${"1,".repeat(count - 1)}1]`;
  const quoted = (length: number): string => `"${"x".repeat(length)}"`;

  it.each<[string, (size: number) => string, number, string, number]>([
    ["depth", (size) => "[".repeat(size) + "]".repeat(size), TEXT_LIMITS.depth, "deeper", 1],
    ["keys", keys, TEXT_LIMITS.keys, "keys", 1000],
    ["values", values, TEXT_LIMITS.values, "values", 1],
    ["string", quoted, TEXT_LIMITS.string, "string", 1],
  ])("%s: at the limit, one over, and a hundred times", (_name, make, limit, word, step) => {
    expect(ofText(make(limit))).toBeUndefined();
    expect(ofText(make(limit + step))).toContain(word);
    if (limit < 1e5) expect(ofText(make(limit * 100))).toContain(word);
  });

  it("counts levels as they are, brackets in strings left out", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), (value, indent) => {
        const inner = { text: '[{"\\', value };
        let wrapped: unknown = inner;
        for (let left = TEXT_LIMITS.depth - depthOf(inner); left > 0; left--) wrapped = [wrapped];
        expect(ofText(JSON.stringify(wrapped, null, indent))).toBeUndefined();
        expect(ofText(JSON.stringify([wrapped], null, indent))).toContain("deeper");
      }),
      { numRuns: 200 },
    );
  });

  it("leaves what is no JSON to the parser", () => {
    for (const text of ["", '"', '"'.repeat(1001), "]]]", "::", "}{", "\\"])
      expect(ofText(text)).toBeUndefined();
  });

  it("reads every character once, strings not even that", () => {
    let reads = 0;
    const count = (text: string): number => {
      reads = 0;
      const spied = new Proxy(Object(text) as object, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== "function") return value;
          return (...args: unknown[]): unknown => {
            if (key === "charCodeAt") reads++;
            return Reflect.apply(value, target, args) as unknown;
          };
        },
      });
      checkText(spied as unknown as string);
      return reads;
    };
    for (const text of [quoted(100_000), `"${"\\".repeat(100_000)}"`, '"\\"'.repeat(30_000)])
      expect(count(text)).toBeLessThan(3 * text.length);
    expect(count(quoted(100_000))).toBeLessThan(10);
  });
});

describe("refuseProtoKeys", () => {
  const of = (text: string): string | undefined => refusal(() => refuseProtoKeys(text, JSON.parse(text)));

  it.each([
    '{"__proto__":1}',
    '{"a":[{"b":{"__proto__":{}}}]}',
    String.raw`{"\u005f_proto__":1}`,
    '{"constructor":{"prototype":{}}}',
    String.raw`[{"constructor":{"prototyp\u0065":null}}]`,
  ])("refuses %s", (text) => expect(of(text)).toContain("__proto__"));

  it.each([
    '{"text":"__proto__"}',
    '{"properties":{"constructor":{"type":"string"}}}',
    '{"prototype":1}',
    '["constructor","prototype"]',
    "null",
  ])("takes %s", (text) => expect(of(text)).toBeUndefined());
});

describe("checkRequest", () => {
  const of = (request: Partial<UnifiedRequest>): string | undefined =>
    refusal(() => checkRequest({ model: "m", messages: [], stream: false, ...request }));
  const message = { role: "user" as const, content: [] };
  const tool = (parameters: Tool["parameters"]): Tool => ({ name: "t", parameters });
  const wide = (nodes: number): Tool => tool({ enum: Array.from({ length: nodes - 2 }, (_, at) => at) });
  const deep = (depth: number): Tool => {
    let schema: Record<string, unknown> = {};
    for (let left = depth; left > 0; left--) schema = { items: schema };
    return tool(schema);
  };
  const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

  it.each<[string, (size: number) => Partial<UnifiedRequest>, number, string]>([
    ["messages", (size) => ({ messages: many(size, message) }), REQUEST_LIMITS.messages, "messages"],
    ["tools", (size) => ({ tools: many(size, tool({})) }), REQUEST_LIMITS.tools, "tools"],
    ["schema nodes", (size) => ({ tools: [tool({}), wide(size)] }), REQUEST_LIMITS.schemaNodes, "tool 1"],
    ["schema depth", (size) => ({ tools: [deep(size)] }), REQUEST_LIMITS.schemaDepth, "tool 0"],
  ])("%s: at the limit, one over, and a hundred times", (_name, make, limit, word) => {
    expect(of(make(limit))).toBeUndefined();
    expect(of(make(limit + 1))).toContain(word);
    expect(of(make(limit * 100))).toContain(word);
  });
});
