import { describe, expect, it } from "vitest";
import { holdPieces } from "../../../compat/hold-pieces.ts";
import type { Block, Dialect } from "../../../compat/tools/block.ts";
import { DIALECTS } from "../../../compat/tools/dialects/index.ts";
import { createCallReader, type ReadEvent } from "../../../compat/tools/read-calls.ts";
import { createToolbox } from "../../../compat/tools/settle-call.ts";
import { TOOLS } from "../dialect-tools.ts";

const toolbox = createToolbox(TOOLS);

/** What reading a text in pieces takes: how often it and its blocks are fed, and with how many characters in all. */
function countWork(dialects: readonly string[], text: string, size: number) {
  const work = { pushes: 0, feeds: 0, characters: 0, calls: 0 };
  const counted = (block: Block): Block => ({
    push(piece) {
      work.feeds++;
      work.characters += piece.length;
      return block.push(piece);
    },
    waitsFor: () => block.waitsFor?.() ?? "little",
    end: (cut) => block.end(cut),
  });
  const watched = dialects
    .flatMap((name) => DIALECTS[name]?.(toolbox.names.names) ?? [])
    .map((dialect): Dialect => ({
      ...dialect,
      openers: dialect.openers.map((opener) => ({ ...opener, open: (it) => counted(opener.open(it)) })),
    }));
  const reader = createCallReader({ dialects: watched, ...toolbox });
  const events: ReadEvent[] = [];
  const stage = holdPieces(
    {
      push(pieces) {
        work.pushes++;
        for (const piece of pieces) if (piece.type === "text-delta") events.push(...reader.push(piece.text));
        return [];
      },
      end: () => [],
    },
    () => reader.waitsFor?.() ?? "nothing",
  );
  for (let at = 0; at < text.length; at += size)
    stage.push([{ type: "text-delta", text: text.slice(at, at + size) }]);
  stage.end();
  events.push(...reader.end());
  for (const event of events) if (event.type === "calls") work.calls += event.calls.length;
  return work;
}

const line = 'const x = a < b ? call("y") : [1, {2}]; // it is `so`\n';
const big = line.repeat(4000);
const json = JSON.stringify({ path: "a", text: big });
const named = `{"name": "save", "arguments": ${json}}`;
const python = `save(path="a", text=${JSON.stringify(big)})`;
const xml = (open: string, close: string): string =>
  `${open.replace("%", "path")}a${close}${open.replace("%", "text")}${big}${close}`;

const LONG: [string, string][] = [
  ["tag", `<tool_call>${named}</tool_call>`],
  ["tag", `<tool_call><function=save>${xml("<parameter=%>", "</parameter>")}</function></tool_call>`],
  ["tag", `<tool_call>save${xml("<arg_key>%</arg_key><arg_value>", "</arg_value>")}</tool_call>`],
  [
    "tag",
    `<function_calls><invoke name="save">${xml('<parameter name="%">', "</parameter>")}</invoke></function_calls>`,
  ],
  ["call-tags", `<function=save>${xml("<parameter=%>", "</parameter>")}</function>`],
  ["fence", `\`\`\`json\n${named}\n\`\`\``],
  ["fence", `\`\`\`tool_code\n${python}\n\`\`\``],
  ["bare-json", named],
  ["bare-list", `[${python}]`],
  ["named", `save\n${json}`],
  ["named-python", python],
  ["functionary", `save\n${json}`],
  ["tool-tags", `<save><path>a</path><text>${big}</text></save>`],
  [
    "deepseek",
    `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>save<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  ],
  [
    "kimi",
    `<|tool_calls_section_begin|><|tool_call_begin|>functions.save:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
  ],
  ["mistral", `[TOOL_CALLS][${named}]`],
  ["mistral", `[TOOL_CALLS]save[ARGS]${json}`],
  ["harmony", `<|channel|>commentary to=functions.save <|constrain|>json<|message|>${json}<|call|>`],
  ["gemma", `<|tool_call>call:save{path:<|"|>a<|"|>,text:<|"|>${big}<|"|>}<tool_call|>`],
  [
    "function-gemma",
    `<start_function_call>call:save{path:<escape>a<escape>,text:<escape>${big}<escape>}<end_function_call>`,
  ],
  ["granite", `<|tool_call|>[${named}]`],
  ["granite-20b", `<function_call> ${named}`],
  ["internlm", `<|action_start|><|plugin|>{"name": "save", "parameters": ${json}}<|action_end|>`],
  ["command", `<|START_ACTION|>[{"tool_name": "save", "parameters": ${json}}]<|END_ACTION|>`],
  ["apertus", `<|tools_prefix|>[{"save": ${json}}]<|tools_suffix|>`],
  ["gigachat", `<|message_sep|>\n\nfunction call<|role_sep|>\n${named}`],
  ["llama", `<|python_tag|>${named}`],
  ["llama4", `<|python_start|>[${python}]<|python_end|>`],
  ["lfm", `<|tool_call_start|>[${python}]<|tool_call_end|>`],
  ["phi", `functools[${named}]`],
  ["react", `Action: save\nAction Input: ${json}`],
];

describe("work, counted", () => {
  it("has every dialect that reads calls", () => {
    expect(new Set(LONG.map(([name]) => name))).toEqual(
      new Set(Object.keys(DIALECTS).filter((name) => name !== "turn-ends")),
    );
  });

  it.each(LONG)("%s: a long argument is read once, in far fewer steps than it has pieces", (name, text) => {
    const whole = countWork([name], text, text.length);
    const pieces = countWork([name], text, 4);
    expect(pieces.calls).toBe(1);
    expect(whole.calls).toBe(1);
    for (const work of [whole, pieces]) expect(work.characters).toBeLessThan(text.length * 1.05 + 2000);
    // A piece with a closing bracket may end the call, so it is looked at when it comes.
    expect(pieces.feeds).toBeLessThan(text.length / 100 + text.split(">").length + 400);
    expect(pieces.pushes).toBeLessThan(text.length / 200 + text.split(">").length + 400);
  });

  it.each(LONG.filter(([name]) => /^(?:bare|named|react)/.test(name)))(
    "%s: nothing but the end decides, so that a long argument is hardly looked at before",
    (name, text) => {
      expect(countWork([name], text, 4).pushes).toBeLessThan(text.length / 8000 + 400);
    },
  );

  it("text without a mark is taken as it comes", () => {
    const dialects = ["tag", "fence"].flatMap((name) => DIALECTS[name]?.([]) ?? []);
    const reader = createCallReader({ dialects, ...toolbox });
    const pieces = ["It", " is ", "5,", "\n\n", "or not", "."];
    expect(pieces.map((piece) => reader.plain?.(piece))).toEqual(["It", " is", " 5,", "", "\n\nor not", "."]);
    expect(reader.plain?.("a <")).toBeUndefined();
    expect(reader.push("a <")).toEqual([{ type: "text", text: "a" }]);
    expect(reader.plain?.("b")).toBeUndefined();
    expect(reader.end()).toEqual([{ type: "text", text: " <" }]);
  });

  it.each([
    ["openers without end", "<tool_call>".repeat(15_000)],
    ["brackets without end", "<".repeat(100_000)],
    ["blanks without end", " ".repeat(200_000)],
    ["closers that close nothing", `<function=save><parameter=text>${"</parameter> x".repeat(12_000)}`],
    ["depth without end", `<tool_call>{"name": "save", "arguments": ${'{"a":'.repeat(40_000)}</tool_call>`],
  ])("%s: text is given up after a while", (_, text) => {
    const work = countWork(["tag", "call-tags", "fence", "bare-json", "tool-tags", "kimi"], text, 4);
    expect(work.characters).toBeLessThan(4_000_000 + 2 * text.length);
  });
});
