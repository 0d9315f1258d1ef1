import { describe, expect, it } from "vitest";
import { applyCompat } from "../../compat/index.ts";
import { NOTATIONS } from "../../compat/tools/notations.ts";
import type { UnifiedRequest } from "../../adapters/unified.ts";
import { configSchema } from "../../storage/config.schema.ts";
import { answer, ask } from "./dialect-tools.ts";

const system = (request: UnifiedRequest): string =>
  (request.system ?? []).map((part) => part.text).join("\n");
const call = (name: string, args: object): string =>
  `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`;
const wrong = call("find", { limit: 3 });

it("the configuration knows every notation there is", () => {
  const dialects = configSchema.properties?.groups?.additionalProperties?.properties?.compat?.properties;
  expect([...(dialects?.dialect?.enum ?? [])].sort()).toEqual(Object.keys(NOTATIONS).sort());
});

describe("reasks", () => {
  it("0 never asks again, and neither does strict", () => {
    expect(answer([[wrong], [call("clock", {})]], { reasks: 0 }).followUps).toEqual([]);
    expect(answer([[wrong], [call("clock", {})]], { strict: true, reasks: 2 }).followUps).toEqual([]);
    expect(answer([[call("nothing", {})]], { reasks: 0 })).toMatchObject({
      content: call("nothing", {}),
      calls: [],
    });
  });

  it("is once by default, and as often as it says", () => {
    expect(answer([[wrong], [wrong], [call("clock", {})]]).followUps).toHaveLength(1);
    const twice = answer([[wrong], [wrong], [call("clock", {})]], { reasks: 2 });
    expect(twice.followUps).toHaveLength(2);
    expect(twice.calls).toEqual([{ name: "clock", args: {} }]);
  });
});

describe("strict", () => {
  const miswritten = '<tool_call>{"name": "Clock", "arguments": {},}</tool_call>';

  it("leaves as text what is repaired otherwise", () => {
    expect(answer([[miswritten]])).toMatchObject({ calls: [{ name: "clock", args: {} }], content: "" });
    expect(answer([[miswritten]], { strict: true })).toMatchObject({
      calls: [],
      content: miswritten,
      finish: "stop",
    });
  });
});

describe("a prompt of one's own", () => {
  const prompt = "My tools:\n{tools}\n\nWrite:\n{example}\n{other}";

  it("stands in place of the built-in one, filled once", () => {
    const tools = [{ name: "a", description: "says {example} and $& {tools}", parameters: {} }];
    const { request } = applyCompat(ask({ tools }), { tools: true, model: "hermes-3", prompt });
    const [, listed = "", rest = ""] = /^My tools:\n(.*)\n\n([^]*)$/.exec(system(request)) ?? [];
    expect(JSON.parse(listed)).toEqual({
      name: "a",
      description: "says {example} and $& {tools}",
      parameters: expect.anything(),
    });
    expect(rest).toBe(
      `Write:\n<tool_call>\n{"name": "tool_name", "arguments": {"argument_name": "value"}}\n</tool_call>\n{other}`,
    );
  });

  it("is the same on every turn; what a request demands stands beside it", () => {
    const settings = { tools: true, model: "hermes-3", prompt };
    const first = ask();
    const later = ask({ messages: [...first.messages, ...first.messages] });
    expect(system(applyCompat(later, settings).request)).toBe(system(applyCompat(first, settings).request));
    const demand = (more: Partial<UnifiedRequest>) => system(applyCompat(ask(more), settings).request);
    expect(demand({ toolChoice: "required" })).toBe(demand({}));
    expect(demand({ parallelTools: false })).toBe(`${demand({})}\nMake at most one call per answer.`);
    const { request } = applyCompat(ask({ toolChoice: { name: "clock" } }), settings);
    expect(JSON.stringify(request.messages.at(-1))).toContain('You must call the tool \\"clock\\"');
  });
});

describe("JSON beside emulated tools", () => {
  const output = { type: "json" } as const;

  it("is asked for in the prompt, since a JSON mode would keep the model from calling", () => {
    const { request } = applyCompat(ask({ output }), { tools: true, model: "hermes-3" });
    expect(request.output).toBeUndefined();
    expect(system(request)).toContain("When you call no tool: Answer with one JSON value");
    expect(answer([["```json\n{}\n", "```"]], {}, { output })).toMatchObject({ content: "{}", calls: [] });
    expect(answer([[call("clock", {})]], {}, { output }).calls).toHaveLength(1);
  });

  it("is still asked for when the model is asked again, and a fence still taken away", () => {
    const again = answer([[wrong], ["```json\n", "{}\n```"]], {}, { output });
    expect(system(again.followUps[0] as UnifiedRequest)).toContain("When you call no tool");
    expect(again.followUps[0]?.output).toBeUndefined();
    expect(again.content).not.toContain("```json");
  });

  it("stays with the provider where no tool is offered", () => {
    const { request } = applyCompat(ask({ output, tools: [] }), { tools: true, model: "hermes-3" });
    expect(request.output).toEqual(output);
  });
});

it("what a model lacks beside tools is made up for without tools", () => {
  const image = {
    type: "media",
    mimeType: "image/png",
    source: { kind: "base64", data: "AA==" },
    name: "a.png",
  } as const;
  const { request, stage, followUp } = applyCompat(
    ask({ messages: [{ role: "user", content: [image] }], output: { type: "json" } }),
    { tools: false, images: true, json: true, model: "x" },
  );
  expect(request.tools).toHaveLength(4);
  expect(request.messages).toEqual([
    { role: "user", content: [{ type: "text", text: "[image a.png: this model cannot see images]" }] },
  ]);
  expect(system(request)).toMatch(/^When you call no tool: Answer with one JSON value/);
  expect(stage).toBeDefined();
  expect(followUp?.()).toBeUndefined();
});
