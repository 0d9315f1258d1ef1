import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, type RequestEdits } from "../../../adapters/edits.ts";
import { editRequest } from "../../../adapters/openai/edit-request.ts";
import { parseRequest } from "../../../adapters/openai/parse-request.ts";
import { loadJson, makeCall } from "./load.ts";

const parse = (body: unknown) => parseRequest(body, makeCall());
const text = fc.constantFrom("one", "two one", "three");
const content = fc.oneof(
  text,
  fc.array(
    text.map((words) => ({ type: "text", text: words })),
    { minLength: 1, maxLength: 2 },
  ),
);
const name = fc.constantFrom("a", "b", "c");
const call = name.map((tool) => ({
  id: `call_${tool}`,
  type: "function",
  function: { name: tool, arguments: "{}" },
}));
const message = fc.oneof(
  fc.record({ role: fc.constantFrom("system", "developer", "user"), content }),
  fc.record({
    role: fc.constant("assistant"),
    content: fc.oneof(content, fc.constant(null)),
    tool_calls: fc.array(call, { maxLength: 2 }),
  }),
  fc.record({ role: fc.constant("tool"), tool_call_id: name.map((tool) => `call_${tool}`), content }),
);
const tool = (named: string) => ({
  type: "function",
  function: { name: named, parameters: { type: "object" } },
});
const tools = fc.oneof(
  fc.subarray(["a", "b", "c"]).map((names) => names.map(tool)),
  fc.constant([tool("a"), { type: "custom", custom: { name: "b" } }, { type: "web_search" }]),
  fc.constant([{ type: "web_search" }]),
  fc.constant(undefined),
);
const choice = fc.constantFrom(
  undefined,
  "auto",
  "required",
  { type: "function", function: { name: "a" } },
  { type: "allowed_tools", allowed_tools: { mode: "required", tools: [tool("a")] } },
);
const body = fc.record({
  model: fc.constant("m"),
  messages: fc.array(message, { minLength: 1, maxLength: 6 }),
  tools,
  tool_choice: choice,
  parallel_tool_calls: fc.constantFrom(undefined, true),
  temperature: fc.constantFrom(undefined, null, 0, 0.5),
});
const edits = fc.record(
  {
    prompt: fc.record({
      mode: fc.constantFrom("enhance", "replace"),
      text: fc.constant("PROMPT"),
      position: fc.constantFrom("system", "user"),
    }),
    replace: fc.constantFrom([], [
      ["one", "$&1"],
      ["", "x"],
    ] as [string, string][]),
    dropTools: fc.subarray(["a", "b", "c"]),
    temperatureRatio: fc.constantFrom(0.5, 2),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<RequestEdits>;

describe("editRequest", () => {
  it("means the same as applyEdits", () => {
    fc.assert(
      fc.property(body, edits, (sent, wanted) => {
        const before = JSON.stringify(sent);
        const chosen = typeof sent.tool_choice === "object" ? "a" : undefined;
        const listed = sent.tools?.some((item) => JSON.stringify(item).includes('"name":"a"'));
        // A choice that names no tool of the list is the client's mistake on either path.
        fc.pre(chosen === undefined || listed === true);
        expect(parse(editRequest(sent, wanted))).toEqual(applyEdits(parse(sent), wanted));
        expect(JSON.stringify(sent)).toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves a real client's body alone where nothing is to be changed", () => {
    const sent = loadJson("requests/qwen-chat.turn2.json") as Record<string, unknown>;
    expect(editRequest(sent, {})).toEqual(sent);
  });

  it("drops functions of the older form, and the choice of one", () => {
    const sent = { functions: [{ name: "a" }], function_call: { name: "a" }, messages: [] };
    expect(editRequest(sent, { dropTools: ["a"] })).toEqual({ messages: [] });
  });

  it("takes what is dropped out of allowed_tools", () => {
    const allowed = (names: string[]) => ({
      type: "allowed_tools",
      allowed_tools: { mode: "auto", tools: names.map(tool) },
    });
    const sent = { messages: [], tools: [tool("a"), tool("b")], tool_choice: allowed(["a", "b"]) };
    expect(editRequest(sent, { dropTools: ["a"] })).toEqual({
      messages: [],
      tools: [tool("b")],
      tool_choice: allowed(["b"]),
    });
  });

  it("puts the text in front of a completion's prompt", () => {
    const prompt = { mode: "enhance", text: "P", position: "system" } as const;
    expect(editRequest({ prompt: "a" }, { prompt })).toEqual({ prompt: "P\n\na" });
    expect(editRequest({ prompt: ["a", [1]] }, { prompt })).toEqual({ prompt: ["P\n\na", [1]] });
  });
});
