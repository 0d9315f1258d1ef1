import { describe, expect, it } from "vitest";
import { parseTools as parseClaude } from "../../adapters/claude/parse-tools.ts";
import { parseTools as parseGemini } from "../../adapters/gemini/parse-tools.ts";
import { parseTools as parseOpenai } from "../../adapters/openai/parse-tools.ts";

const schema = { type: "object", properties: { a: { type: "string" } } };
const cases = {
  claude: {
    parse: (tools: unknown) => parseClaude(tools, []),
    list: () => [
      { name: "one", input_schema: schema },
      { type: "bash_20250124", name: "bash" },
    ],
  },
  gemini: {
    parse: (tools: unknown) => parseGemini({ tools }),
    list: () => [
      { functionDeclarations: [{ name: "one", parametersJsonSchema: schema }] },
      { googleSearch: {} },
    ],
  },
  openai: {
    parse: (tools: unknown) => parseOpenai({ tools }),
    list: () => [{ type: "function", function: { name: "one", parameters: schema } }, { type: "web_search" }],
  },
};

describe.each(Object.entries(cases))("tools of %s that requests have in common", (_, { parse, list }) => {
  it("are read once, as others are, and are frozen", () => {
    const shared = Object.freeze(list());
    const parsed = parse(shared);
    expect(parsed).toEqual(parse(list()));
    expect(parse(shared).tools).toBe(parsed.tools);
    expect(Object.isFrozen(parsed.tools)).toBe(true);
    expect(parsed.serverTools).toHaveLength(1);
  });

  it("are refused each time where they are wrong", () => {
    const wrong = Object.freeze([...list(), 1]);
    for (let time = 0; time < 2; time++) expect(() => parse(wrong)).toThrow("tools[2]");
  });
});

it("leaves what a turn changes about them to that turn", () => {
  const shared = Object.freeze(cases.claude.list());
  const change = (type: string, tool: object) => [{ role: "system", content: [{ type, tool }] }];
  expect(parseClaude(shared, change("tool_removal", { name: "one" })).tools).toBeUndefined();
  const definition = { name: "two", input_schema: schema };
  const added = parseClaude(shared, change("tool_addition", { definition })).tools;
  expect(added?.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(parseClaude(shared, []).tools).toHaveLength(1);

  const openai = Object.freeze(cases.openai.list());
  expect(parseOpenai({ tools: openai, functions: [{ name: "two" }] }).tools).toHaveLength(2);
  expect(parseOpenai({ tools: openai }).tools).toHaveLength(1);
});
