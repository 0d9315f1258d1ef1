import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findFamily } from "../../compat/families.ts";
import { FAMILY_NOTATIONS, NOTATIONS, type NotedCall } from "../../compat/tools/notations.ts";
import { answer } from "./dialect-tools.ts";

const quote = (text: string): string => JSON.stringify(text);
const python = ({ name, args }: NotedCall): string => {
  const write = (value: unknown): string =>
    Array.isArray(value)
      ? `[${value.map(write).join(", ")}]`
      : typeof value === "boolean"
        ? value
          ? "True"
          : "False"
        : JSON.stringify(value);
  const pairs = Object.entries(JSON.parse(args) as object).map(([key, value]) => `${key}=${write(value)}`);
  return `${name}(${pairs.join(", ")})`;
};
const mini = (mark: string, { name, args }: NotedCall): string => {
  const write = (value: unknown): string =>
    Array.isArray(value)
      ? `[${value.map(write).join(",")}]`
      : typeof value === "string"
        ? `${mark}${value}${mark}`
        : String(value);
  const pairs = Object.entries(JSON.parse(args) as object).map(([key, value]) => `${key}:${write(value)}`);
  return `call:${name}{${pairs.join(",")}}`;
};
const tags = (args: string): string =>
  Object.entries(JSON.parse(args) as object)
    .map(([key, value]) => `<${key}>${typeof value === "string" ? value : JSON.stringify(value)}</${key}>\n`)
    .join("");
const list = (calls: readonly NotedCall[], key = "arguments", name = "name"): string =>
  `[${calls.map((call) => `{${quote(name)}: ${quote(call.name)}, ${quote(key)}: ${call.args}}`).join(", ")}]`;
const each = (calls: readonly NotedCall[], write: (call: NotedCall, index: number) => string): string =>
  calls.map(write).join("\n");

/** Formats that may be escaped as XML: a text of entities alone means what they stand for. */
const ESCAPED = /^(?:notation (?:qwen|invoke)|minimax|seed|some)/;

type Write = (calls: readonly NotedCall[]) => string;

/** How families write several calls, besides what they are asked for. */
const OWN: [model: string, write: Write][] = [
  ["some-model-7b", (calls) => each(calls, ({ name, args }) => `<${name}>\n${tags(args)}</${name}>`)],
  ["granite-3.3-8b", (calls) => `<|tool_call|>${list(calls)}`],
  ["phi-4-mini-instruct", (calls) => `functools${list(calls)}`],
  ["command-r7b", (calls) => `<|START_ACTION|>${list(calls, "parameters", "tool_name")}<|END_ACTION|>`],
  [
    "apertus-8b",
    (calls) =>
      `<|tools_prefix|>[${calls.map(({ name, args }) => `{${quote(name)}: ${args}}`).join(", ")}]<|tools_suffix|>`,
  ],
  ["jamba-1.5-mini", (calls) => `<tool_calls>${list(calls)}</tool_calls>`],
  ["nemotron-nano-9b-v2", (calls) => `<TOOLCALL>${list(calls)}</TOOLCALL>`],
  [
    "llama-3.1-8b-instruct",
    (calls) => calls.map((call) => list([call], "parameters").slice(1, -1)).join("; "),
  ],
  ["llama-4-scout", (calls) => `<|python_start|>[${calls.map(python).join(", ")}]<|python_end|>`],
  ["llama-3.2-1b-instruct", (calls) => `[${calls.map(python).join(", ")}]`],
  ["lfm2-8b-a1b", (calls) => `<|tool_call_start|>[${calls.map(python).join(", ")}]<|tool_call_end|>`],
  ["olmo-3-7b-instruct", (calls) => `<function_calls>\n${each(calls, python)}\n</function_calls>`],
  ["gemma-3-12b-it", (calls) => `\`\`\`tool_code\n${each(calls, python)}\n\`\`\``],
  [
    "gemma-4-31b-it",
    (calls) => calls.map((call) => `<|tool_call>${mini('<|"|>', call)}<tool_call|>`).join(""),
  ],
  [
    "functiongemma-270m",
    (calls) =>
      calls.map((call) => `<start_function_call>${mini("<escape>", call)}<end_function_call>`).join(""),
  ],
  [
    "gpt-oss-20b",
    (calls) =>
      calls
        .map(
          ({ name, args }) =>
            `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${args}<|call|>`,
        )
        .join("<|start|>assistant"),
  ],
  ["functionary-medium-v3.2", (calls) => calls.map(({ name, args }) => `${name}\n${args}\n`).join(">>>")],
  [
    "mistral-small-3.2",
    (calls) => calls.map(({ name, args }) => `[TOOL_CALLS]${name}[ARGS]${args}`).join(""),
  ],
  [
    "deepseek-r1",
    (calls) =>
      `<｜tool▁calls▁begin｜>${each(calls, ({ name, args }) => `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n${args}\n\`\`\`<｜tool▁call▁end｜>`)}<｜tool▁calls▁end｜>`,
  ],
];

const notations = Object.entries(FAMILY_NOTATIONS).map(([name, { render }]): [string, Write] => {
  const model = { longcat: "longcat-flash-chat", minimax: "minimax-m2", seed: "seed-oss-36b" }[name];
  return [model ?? `notation ${name}`, render];
});

const code = fc
  .array(
    fc.constantFrom(
      "a",
      "B",
      "7",
      " ",
      "\n",
      '"',
      "'",
      "{",
      "}",
      "[",
      "]",
      "(",
      ")",
      ",",
      ":",
      ";",
      "=",
      "<",
      ">",
      "</",
      "`",
      "\\",
      "&lt;",
      "é",
      "日",
      "🎯",
      "def f(x):",
      "if a < b:",
      "null",
      "// c",
      "*/",
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((pieces) => `x${pieces.join("")}y`);
const call = fc.oneof(
  fc.constant({ name: "clock", args: {} }),
  fc.record({ path: code, text: code }).map((args) => ({ name: "save", args })),
  fc
    .record(
      {
        query: code,
        limit: fc.integer({ min: -9, max: 99 }),
        deep: fc.boolean(),
        tags: fc.array(code, { maxLength: 3 }),
      },
      { requiredKeys: ["query"] },
    )
    .map((args) => ({ name: "find", args: { ...args } })),
);
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = lengths[turn % lengths.length] ?? 1;
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

describe("what a family writes is what a client gets", () => {
  it.each([...notations, ...OWN])("%s", (model, write) => {
    const settings = model.startsWith("notation ")
      ? { model: "some-model-7b", dialect: model.slice(9) }
      : { model };
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 3 }), sizes, (calls, lengths) => {
        fc.pre(!ESCAPED.test(model) || !JSON.stringify(calls).includes("&lt;"));
        const noted = calls.map(({ name, args }) => ({ name, args: JSON.stringify(args) }));
        const got = answer([cut(write(noted), lengths)], { ...settings, reasks: 0, strict: true });
        expect(got.calls).toEqual(calls);
        expect(got.content.trim()).toBe("");
        expect(got.finish).toBe("tool-calls");
      }),
      { numRuns: 60 },
    );
  });
});

describe("what was cut off at the limit of length is not run", () => {
  it.each([...notations, ...OWN])("%s", (model, write) => {
    const settings = model.startsWith("notation ")
      ? { model: "some-model-7b", dialect: model.slice(9) }
      : { model };
    const calls = [
      { name: "save", args: { path: "a}b", text: 'x = {"a": [1]}\nif (a < b) { f("}"); }' } },
      { name: "find", args: { query: "all of it", limit: 12, tags: ["a", "b"] } },
    ];
    const whole = write(calls.map(({ name, args }) => ({ name, args: JSON.stringify(args) })));
    for (let at = 0; at < whole.length; at++) {
      const got = answer([[whole.slice(0, at)]], { ...settings, reasks: 0 }, {}, "length");
      expect(calls.slice(0, got.calls.length), whole.slice(0, at)).toEqual(got.calls);
    }
  });
});

it("families with tags of their own are asked for them, whatever can be configured", () => {
  for (const [model, tag] of [
    ["minimax-m2", "<minimax:tool_call>"],
    ["seed-oss-36b-instruct", "<seed:tool_call>"],
    ["longcat-flash-chat", "<longcat_tool_call>"],
  ] as const) {
    const { notation } = findFamily(model);
    expect(FAMILY_NOTATIONS[notation]?.render([{ name: "clock", args: "{}" }])).toContain(tag);
    expect(NOTATIONS[notation]).toBeUndefined();
  }
});
