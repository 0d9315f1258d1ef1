import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import type { Tool, UnifiedRequest } from "../../../adapters/unified.ts";

const text = (words: string) => ({ type: "text" as const, text: words });
const ask = (more: Partial<UnifiedRequest>): UnifiedRequest => ({
  model: "some-model",
  messages: [{ role: "user", content: [text("Go on.")] }],
  stream: false,
  ...more,
});
const tools = (): Tool[] => [
  { name: "first", description: "One.", parameters: { type: "object" }, strict: true },
  { name: "second", parameters: {}, kind: "custom", format: { type: "grammar", definition: "x" } },
];
const options = (quirks: Record<string, unknown>) => ({ quirks, provider: { id: "p", baseUrl: "http://p" } });

describe("tools that requests have in common", () => {
  it("are built as others are, for each provider its own way, and once", () => {
    const shared = Object.freeze(tools()) as Tool[];
    const serverTools = [
      { origin: "openai" as const, name: "search", body: { type: "search" } },
      { origin: "claude" as const, name: "bash", body: {} },
    ];
    for (const quirks of [{}, { noStrict: true }, { customTools: true, cacheControl: true }]) {
      const given = options(quirks);
      for (const more of [{}, { serverTools }, { parallelTools: false }, { toolChoice: { name: "second" } }])
        for (let time = 0; time < 2; time++)
          expect(buildRequest(ask({ tools: shared, ...more }), given)).toEqual(
            buildRequest(ask({ tools: tools(), ...more }), given),
          );
      const [one, two] = [0, 1].map(() => buildRequest(ask({ tools: shared }), given).body?.tools);
      expect(one).toBe(two);
      expect(Object.isFrozen(one)).toBe(true);
    }
  });

  it("get the names the whole request leaves them", () => {
    const odd = [{ name: "a.b", parameters: {} }];
    const cut = buildRequest(ask({ tools: odd })).body?.tools as { function: { name: string } }[];
    const taken: Tool[] = [...odd, { name: cut[0]?.function.name ?? "", parameters: {} }];
    for (const list of [odd, taken])
      expect(buildRequest(ask({ tools: Object.freeze([...list]) as Tool[] }))).toEqual(
        buildRequest(ask({ tools: list })),
      );
  });
});

describe("long system texts", () => {
  const long = "You are one who reads, changes and runs what is there. ".repeat(60);
  const messageOf = (system: UnifiedRequest["system"], quirks: Record<string, unknown> = {}) => {
    const { body = {} } = buildRequest(ask({ system }), options(quirks));
    return (body.messages as { role: string; content: unknown }[])[0];
  };

  it("are one message, however often they come", () => {
    const one = messageOf([text(long), text("b")]);
    expect(messageOf([text(`${long.slice(0, 9)}${long.slice(9)}`), text("b")])).toBe(one);
    expect(one).toEqual({ role: "system", content: `${long}\n\nb` });
    expect(messageOf([text(long), text("c")])?.content).toBe(`${long}\n\nc`);
    expect(messageOf([text(long), text("")])?.content).toBe(long);
    expect(messageOf([text(long), text("b")], { developerRole: true })?.role).toBe("developer");
    const cached = { ...text(long), cache: { type: "ephemeral" } };
    expect(messageOf([cached, text("b")])).toBe(one);
    expect(messageOf([cached], { cacheControl: true })?.content).toEqual([
      { type: "text", text: long, cache_control: { type: "ephemeral" } },
    ]);
  });

  it("are each their own", () => {
    const pool = fc.constantFrom("", "a", "b", long, `${long}!`, long.slice(1));
    fc.assert(
      fc.property(fc.array(pool, { maxLength: 4 }), (words) => {
        const left = words.filter((word) => word !== "");
        const message = messageOf(words.map(text));
        if (left.length) expect(message).toEqual({ role: "system", content: left.join("\n\n") });
        else expect(message?.role).toBe("user");
      }),
    );
  });
});
