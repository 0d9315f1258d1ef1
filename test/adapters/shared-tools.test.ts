import { describe, expect, it } from "vitest";
import { buildRequest as buildClaude } from "../../adapters/claude/build-request.ts";
import { parseTools as parseClaude } from "../../adapters/claude/parse-tools.ts";
import { buildRequest as buildGemini } from "../../adapters/gemini/build-request.ts";
import { parseTools as parseGemini } from "../../adapters/gemini/parse-tools.ts";
import { buildRequest as buildOllama } from "../../adapters/ollama/build-request.ts";
import { parseRequest as parseOllama } from "../../adapters/ollama/parse-request.ts";
import { parseRequest as parseResponses } from "../../adapters/openai-responses/parse-request.ts";
import { parseTools as parseOpenai } from "../../adapters/openai/parse-tools.ts";
import type { Tool, UnifiedRequest } from "../../adapters/unified.ts";
import { toCall } from "../support/fixtures.ts";

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
  ollama: {
    parse: (tools: unknown) => parseOllama({ model: "m", messages: [], tools }, toCall("/api/chat")),
    list: () => [{ type: "function", function: { name: "one", parameters: schema } }, { type: "search" }],
  },
  responses: {
    parse: (tools: unknown) => parseResponses({ model: "m", input: "hi", tools }, toCall("/v1/responses")),
    list: () => [{ type: "function", name: "one", parameters: schema }, { type: "web_search" }],
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
    for (let time = 0; time < 2; time++)
      expect(() => parse(wrong)).toThrow(/tools\[2\]|number into Go struct field .*tools/);
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

it("leaves what later items of a Responses body bring to that body", () => {
  const tools = Object.freeze(cases.responses.list());
  const more = { type: "additional_tools", tools: [{ type: "function", name: "two", parameters: schema }] };
  const namesOf = (input: unknown) =>
    parseResponses({ model: "m", input, tools }, toCall("/v1/responses")).tools?.map(({ name }) => name);
  expect(namesOf([more, { role: "user", content: "hi" }])).toEqual(["one", "two"]);
  expect(namesOf("hi")).toEqual(["one"]);
});

const builders = { claude: buildClaude, gemini: buildGemini, ollama: buildOllama };

describe.each(Object.entries(builders))("tools that requests to %s have in common", (protocol, build) => {
  const ask = (more: Partial<UnifiedRequest>): UnifiedRequest => ({
    model: "some-model",
    messages: [{ role: "user", content: [{ type: "text", text: "Go on." }] }],
    stream: false,
    ...more,
  });
  const tools = (): Tool[] => [
    { name: "first", description: "One.", parameters: schema, strict: true },
    { name: "second", parameters: {}, kind: "custom", format: { type: "grammar", definition: "x" } },
  ];
  const serverTools = [
    { origin: "claude" as const, name: "bash", body: { type: "bash_20250124" } },
    { origin: "gemini" as const, name: "search", body: { googleSearch: {} } },
    { origin: "ollama" as const, name: "odd", body: { type: "odd" } },
  ];

  it("are built as others are, and once", () => {
    const shared = Object.freeze(tools()) as Tool[];
    for (const more of [{}, { serverTools }, { toolChoice: { name: "first" } }])
      for (let time = 0; time < 2; time++)
        expect(build(ask({ tools: shared, ...more }))).toEqual(build(ask({ tools: tools(), ...more })));
    const [one, two] = [0, 1].map(() => build(ask({ tools: shared })).body?.tools as object[]);
    expect(one?.[0]).toBe(two?.[0]);
    expect(Object.isFrozen(one?.[0])).toBe(true);
    const beside = build(ask({ tools: shared, serverTools })).body?.tools as object[];
    expect(beside[0]).toBe(one?.[0]);
    expect(beside.at(-1)).toEqual(serverTools.find(({ origin }) => origin === protocol)?.body);
  });

  it("get the names the whole request leaves them", () => {
    const odd: Tool[] = [{ name: "a b", parameters: schema }];
    const past = { type: "tool-call" as const, id: "1", name: "a+b", args: "{}" };
    for (const messages of [
      ask({}).messages,
      [...ask({}).messages, { role: "assistant" as const, content: [past] }],
    ])
      expect(build(ask({ tools: Object.freeze([...odd]) as Tool[], messages }))).toEqual(
        build(ask({ tools: odd, messages })),
      );
  });
});
