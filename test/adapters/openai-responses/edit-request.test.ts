import { describe, expect, it } from "vitest";
import { applyEdits, type RequestEdits } from "../../../adapters/edits.ts";
import type { UnifiedRequest } from "../../../adapters/unified.ts";
import { client, loadRequest, parse, without } from "./load.ts";

const system = (text: string): RequestEdits["prompt"] => ({ mode: "enhance", position: "system", text });
const edits: [string, RequestEdits][] = [
  ["enhance system", { prompt: system("Added.") }],
  ["replace system", { prompt: { mode: "replace", position: "system", text: "New." } }],
  ["enhance user", { prompt: { mode: "enhance", position: "user", text: "Added." } }],
  ["replace user", { prompt: { mode: "replace", position: "user", text: "New." } }],
  [
    "find and replace",
    {
      replace: [
        ["placeholder", "$&"],
        ["", "never"],
      ],
    },
  ],
  ["drop a tool", { dropTools: ["exec_command", "spawn_agent", "exec", "bash"] }],
  ["temperature", { temperatureRatio: 0.5 }],
];
const bodies: [string, Record<string, unknown>][] = [
  ["text", { model: "m", input: "Hi", instructions: "A placeholder.", temperature: 1 }],
  ["bare", { model: "m", input: [{ role: "assistant", content: "Hello" }] }],
  [
    "only system",
    { model: "m", input: [{ role: "system", content: "A placeholder." }], instructions: "First." },
  ],
  ...["codex-fallback-model.turn2", "codex-code-mode.turn2", "opencode-responses.turn1"].map(
    (name): [string, Record<string, unknown>] => [name, loadRequest(name)],
  ),
];

/** System text as one: whether it stands in one part or several means nothing. */
const normalise = (request: UnifiedRequest) => ({
  ...without({ ...request }, "extra"),
  system: request.system?.map(({ text }) => text).join("\n\n"),
});

describe.each(bodies)("%s", (_, body) => {
  it.each(edits)("%s means the same on the body and on the unified request", (_, edit) => {
    const before = JSON.stringify(body);
    const edited = client.editRequest(body, edit);
    expect(normalise(parse(edited))).toEqual(normalise(applyEdits(parse(body), edit)));
    expect(JSON.stringify(body)).toBe(before);
  });
});

it("dropping every tool takes the choice along, hosted tools stay", () => {
  const body = {
    model: "m",
    input: "x",
    tools: [
      { type: "namespace", name: "n", tools: [{ type: "function", name: "f" }] },
      { type: "web_search" },
    ],
    tool_choice: "required",
    parallel_tool_calls: false,
  };
  expect(client.editRequest(body, { dropTools: ["f"] })).toEqual({
    model: "m",
    input: "x",
    tools: [{ type: "web_search" }],
  });
});

it.each([
  [{ type: "function", name: "f" }, undefined],
  [
    { type: "function", name: "g" },
    { type: "function", name: "g" },
  ],
  [
    {
      type: "allowed_tools",
      mode: "auto",
      tools: [
        { type: "function", name: "f" },
        { type: "function", name: "g" },
      ],
    },
    { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "g" }] },
  ],
  [{ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] }, "none"],
])("a choice of a dropped tool: %j", (tool_choice, expected) => {
  const tools = [
    { type: "function", name: "f" },
    { type: "function", name: "g" },
  ];
  const edited = client.editRequest({ model: "m", input: "x", tools, tool_choice }, { dropTools: ["f"] });
  expect(edited.tool_choice).toEqual(expected);
});
