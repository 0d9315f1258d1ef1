import { describe, expect, it } from "vitest";
import { applyCompat } from "../../compat/index.ts";
import type { StreamEvent } from "../../adapters/unified.ts";
import { answer, ask } from "./dialect-tools.ts";

/** What a client may rely on while an answer comes. */
const call = '<tool_call>{"name": "save", "arguments": {"path": "a", "text": "b, c"}}</tool_call>';
const FAMILIES: [string, string][] = [
  ["hermes-3", call],
  ["some-model", '```json\n{"name": "save", "arguments": {"path": "a", "text": "b, c"}}\n```'],
  [
    "qwen3-coder",
    "<tool_call>\n<function=save>\n<parameter=path>\na\n</parameter>\n<parameter=text>\nb, c\n</parameter>\n</function>\n</tool_call>",
  ],
  [
    "glm-4.6",
    "<tool_call>save<arg_key>path</arg_key><arg_value>a</arg_value><arg_key>text</arg_key><arg_value>b, c</arg_value></tool_call>",
  ],
  ["mistral-7b", '[TOOL_CALLS][{"name": "save", "arguments": {"path": "a", "text": "b, c"}}]'],
  [
    "kimi-k2",
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.save:0<|tool_call_argument_begin|>{"path": "a", "text": "b, c"}<|tool_call_end|><|tool_calls_section_end|>',
  ],
];
const open = (model = "hermes-3") => {
  const { stage } = applyCompat(ask(), { tools: true, thinkingTags: true, model });
  const push = (text: string): StreamEvent[] => stage?.push([{ type: "text-delta", text }]) ?? [];
  const end = (): StreamEvent[] => stage?.push([{ type: "finish", reason: "stop" }]) ?? [];
  return { push, end };
};
const textOf = (events: StreamEvent[]): string =>
  events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");

describe("1: text before a marker goes on at once, but for what may become one", () => {
  it("word by word", () => {
    const { push } = open();
    for (const word of ["It", " is", " 5", " < 6", " and", " a<b"]) expect(textOf(push(word))).toBe(word);
  });

  it("held back is never more than a marker's beginning and the blanks before it", () => {
    const { push } = open();
    let given = "";
    let sent = "";
    for (const piece of "So:\n\n<tool_box> <tool_calling> [TOOL <|") {
      sent += piece;
      given += textOf(push(piece));
      expect(sent.startsWith(given)).toBe(true);
      expect(sent.length - given.length).toBeLessThanOrEqual(20);
    }
  });
});

describe("2: name and id go out once, when they are certain", () => {
  it.each(FAMILIES)("%s", (model, text) => {
    const { push, end } = open(model);
    const events = [...text].flatMap((piece) => push(piece));
    events.push(...end());
    const starts = events.filter((event) => event.type === "tool-start");
    expect(starts).toEqual([{ type: "tool-start", index: 0, name: "save" }]);
    expect(events.findIndex(({ type }) => type === "tool-delta")).toBeGreaterThan(
      events.findIndex(({ type }) => type === "tool-start"),
    );
  });

  it("what is no tool never gets out as a call, not even its name", () => {
    const { push, end } = open();
    const events = [...call.replace("save", "rm_rf")].flatMap((piece) => push(piece));
    expect([...events, ...end()].some(({ type }) => type === "tool-start")).toBe(false);
  });
});

describe("3, 4: arguments only append, and are JSON in the end", () => {
  it.each(FAMILIES)("%s", (model, text) => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const { push, end } = open(model);
      const events = (text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? []).flatMap((piece) =>
        push(piece),
      );
      events.push(...end());
      const json = events.map((event) => (event.type === "tool-delta" ? event.json : "")).join("");
      expect(JSON.parse(json)).toEqual({ path: "a", text: "b, c" });
      expect(textOf(events)).toBe("");
    }
  });
});

describe("5: the result does not depend on how the answer was cut", () => {
  it.each(FAMILIES)("%s", (model, block) => {
    const text = `<think>Hm. ${block}</think>I save it.\n\n${block}\n\nDone.`;
    const whole = answer([[text]], { model });
    for (let at = 1; at < text.length; at++)
      expect(answer([[text.slice(0, at), text.slice(at)]], { model }), text.slice(0, at)).toEqual(whole);
    expect(answer([[...text]], { model })).toEqual(whole);
  });
});

describe("6: at the end nothing is held back any more", () => {
  it.each(["a <tool_cal", "a <", "a ``", "a [TOOL_", "a \n"])("%j", (text) => {
    const { push, end } = open("some-model");
    const events = [...push(text), ...end()];
    expect(textOf(events)).toBe(text);
    expect(events.at(-1)).toEqual({ type: "finish", reason: "stop" });
  });
});

it("7: what may yet be changed is not sent", () => {
  const { push } = open();
  const early = push('<tool_call>{"name": "find", "arguments": {"query": "q", "limit": "3"');
  expect(early).toEqual([]);
  expect(push("}}</tool_call>")).toEqual([
    { type: "tool-start", index: 0, name: "find" },
    { type: "tool-delta", index: 0, json: '{"query":"q","limit":3}' },
  ]);
});

it("8: a large argument comes out the same from small pieces; what they cost is counted in tools/read-calls.test.ts", () => {
  const args = { path: "a", text: 'say("</x>"); // `a` [1]\n'.repeat(20_000) };
  const text = `<tool_call>{"name": "save", "arguments": ${JSON.stringify(args)}}</tool_call> Done.`;
  const whole = answer([[text]]);
  expect(whole.calls).toEqual([{ name: "save", args }]);
  expect(answer([text.match(/[\s\S]{1,4}/g) ?? []])).toEqual(whole);
});

describe("citations", () => {
  const citation = { url: "https://a.example", title: "A" };
  const events = (model: string, settings: object, more: object = {}): string[] => {
    const { stage } = applyCompat(ask(more), { tools: true, thinkingTags: true, model, ...settings });
    return (
      stage?.push([
        { type: "text-delta", text: "One." },
        { type: "citation", citation },
        { type: "text-delta", text: " Two." },
        { type: "finish", reason: "stop" },
      ]) ?? []
    ).map((event) => (event.type === "text-delta" ? event.text : event.type));
  };

  it("stay in their place", () => {
    const inPlace = ["One.", "citation", " Two.", "finish"];
    expect(events("hermes-3", {})).toEqual(inPlace);
    expect(events("hermes-3", { tools: false })).toEqual(inPlace);
    expect(events("deepseek-v3.1", {})).toEqual(inPlace);
  });

  it("come with the text where that has to wait", () => {
    const output = { type: "json" };
    const got = events("hermes-3", { tools: false, json: true, reasks: 0 }, { output, tools: undefined });
    expect(got).toEqual(["One. Two.", "citation", "finish"]);
    const wrong = '<tool_call>{"name": "no_tool", "arguments": {}}</tool_call>';
    const compat = applyCompat(ask(), { tools: true, model: "hermes-3" });
    const first = compat.stage?.push([
      { type: "text-delta", text: `${wrong} One.` },
      { type: "citation", citation },
      { type: "finish", reason: "stop" },
    ]);
    expect(first).toEqual([]);
    compat.followUp?.();
    const second = compat.stage?.push([
      { type: "text-delta", text: wrong },
      { type: "finish", reason: "stop" },
    ]);
    expect(second?.map(({ type }) => type)).toEqual(["text-delta", "citation", "finish"]);
  });
});

it("a stop sequence of our own is nobody's business", () => {
  const { stage } = applyCompat(ask(), { tools: true, model: "hermes-3" });
  const finish = { type: "finish", reason: "stop", stopSequence: "<tool_response>" } as const;
  expect(stage?.push([finish])).toEqual([{ type: "finish", reason: "stop" }]);
  const own = ask({ sampling: { stop: ["END"] } });
  const other = applyCompat(own, { tools: true, model: "hermes-3" }).stage;
  expect(other?.push([{ ...finish, stopSequence: "END" }])).toMatchObject([{ stopSequence: "END" }]);
});
