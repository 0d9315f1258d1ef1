import { describe, expect, it } from "vitest";
import { applyCompat } from "../../compat/index.ts";
import { readJsonAnswer } from "../../compat/read-json-answer.ts";
import type { Output } from "../../adapters/unified.ts";
import { answer, ask } from "./dialect-tools.ts";

const schema = {
  type: "object",
  properties: { n: { type: "integer" }, tags: { type: "array", items: { type: "string" } } },
  required: ["n"],
  additionalProperties: false,
};
const output: Output = { type: "json-schema", schema };
const jsonless = { tools: false, thinkingTags: false, json: true };
const wanted = { output, tools: undefined };
const said = (...answers: string[]) =>
  answer(
    answers.map((text) => [text]),
    jsonless,
    wanted,
  );

describe("an answer that should be JSON", () => {
  it("that is, stays to the letter", () => {
    expect(said('{"n":  1}')).toMatchObject({ content: '{"n":  1}', repairs: [], followUps: [] });
  });

  it.each([
    ['```json\n{"n": 1}\n```', ["json fence"]],
    ['Here it is:\n```\n{"n": 1}\n```\nAs you asked.', ["json fence"]],
    ['Here it is: {"n": 1} As you asked.', ["json in prose"]],
    ["{n: 1, }", ["json bare words", "json comma"]],
    ['{"n": "1"}', ["json type"]],
  ])("%j is put right, and told", (text, repairs) => {
    const got = said(text);
    expect(JSON.parse(got.content)).toEqual({ n: 1 });
    expect(got.repairs).toEqual(repairs);
    expect(got.finish).toBe("stop");
  });

  it.each(["I cannot.", '{"n": 1, "more": 2}', '{"tags": []}', '{"n": "one"}', "[1]"])(
    "%j is asked for again, once",
    (text) => {
      const got = said(text, '{"n": 2}', "never");
      expect(got).toMatchObject({ content: '{"n": 2}', repairs: ["asked again"] });
      const [again] = got.followUps;
      expect(again?.messages.slice(-2).map(({ role }) => role)).toEqual(["assistant", "user"]);
      expect(JSON.stringify(again?.messages.at(-2))).toContain(JSON.stringify(text).slice(1, -1));
    },
  );

  it("says what was wrong", () => {
    const [again] = said('{"n": "one"}', '{"n": 2}').followUps;
    expect(JSON.stringify(again?.messages.at(-1))).toContain("n: expected integer, got string");
  });

  it("is given as it is if asking again does not help", () => {
    expect(said("I cannot.", "I will not.")).toMatchObject({
      content: "I will not.",
      repairs: ["asked again", "json misfit"],
      finish: "stop",
    });
  });

  it("is never completed where it was cut off", () => {
    const got = answer([['```json\n{"n": 1, "tags": ["a']], jsonless, wanted, "length");
    expect(got).toMatchObject({ content: '{"n": 1, "tags": ["a', finish: "length", followUps: [] });
  });

  it("is left alone with repairs off, and not asked for again where that is configured so", () => {
    const strict = answer([["```\n{}\n```"], ["never"]], { ...jsonless, strict: true }, wanted);
    expect(strict).toMatchObject({ content: "```\n{}\n```", followUps: [] });
    expect(answer([["No."], ["never"]], { ...jsonless, reasks: 0 }, wanted).content).toBe("No.");
  });

  it("is an object where only JSON was asked for", () => {
    const json: Output = { type: "json" };
    expect(readJsonAnswer("[1]", json).problems).toEqual(["it is JSON, but no object"]);
    expect(readJsonAnswer('See {"a": 1}', json)).toMatchObject({ text: '{"a": 1}', problems: [] });
  });
});

describe("beside tools", () => {
  const tag = '<tool_call>{"name": "clock", "arguments": {}}</tool_call>';

  it("a call is no answer yet", () => {
    const got = answer([[`I look. ${tag}`]], {}, { output });
    expect(got).toMatchObject({ content: "I look.", calls: [{ name: "clock" }], followUps: [] });
    const { stage } = applyCompat(ask({ output }), { ...jsonless, model: "m" });
    const events = stage?.push([
      { type: "text-delta", text: "I look." },
      { type: "tool-start", index: 0, name: "clock" },
      { type: "finish", reason: "tool-calls" },
    ]);
    expect(events?.map(({ type }) => type)).toEqual(["text-delta", "tool-start", "finish"]);
  });

  it("the model is asked again for the JSON, and may call then", () => {
    expect(answer([["Done."], ['{"n": 1}']], {}, { output }).content).toBe('{"n": 1}');
    const called = answer([["Done."], [tag]], {}, { output });
    expect(called.calls).toEqual([{ name: "clock", args: {} }]);
    expect(called.finish).toBe("tool-calls");
  });
});

it("adds up what all answers cost", () => {
  const compat = applyCompat(ask(wanted), { ...jsonless, model: "m" });
  const usage = { inputTokens: 5, outputTokens: 1 };
  const once = (text: string) =>
    compat.stage?.push([
      { type: "start" },
      { type: "text-delta", text },
      { type: "finish", reason: "stop", usage },
    ]) ?? [];
  expect(once("No.")).toEqual([{ type: "start" }]);
  expect(compat.followUp?.()).toBeDefined();
  expect(once('{"n": 1}')).toEqual([
    { type: "text-delta", text: '{"n": 1}' },
    { type: "finish", reason: "stop", usage: { inputTokens: 10, outputTokens: 2 } },
  ]);
});
