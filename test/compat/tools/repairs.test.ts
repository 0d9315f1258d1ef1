import { describe, expect, it } from "vitest";
import { answer } from "../dialect-tools.ts";

/** What models miswrite and what becomes of it: one row per kind of damage, numbered; `kinds` are what the log says. */
interface Row {
  text: string;
  model?: string;
  calls: [string, unknown][];
  content?: string;
  kinds?: string[];
  finish?: string;
  /** What is left with repairs off: as many calls; all of the text where there is none. Default: none if `kinds`. */
  strict?: number;
}

const tag = (json: string): string => `<tool_call>${json}</tool_call>`;
const LIST = '{"name": "list_files", "arguments": {"path": "src"}}';
const LIST_B = LIST.replace("src", "b");
const list: [string, unknown] = ["list_files", { path: "src" }];
const listB: [string, unknown] = ["list_files", { path: "b" }];
const clock: [string, unknown] = ["clock", {}];
const save = (args: string): string => tag(`{"name": "save", "arguments": ${args}}`);
const find = (args: string): string => tag(`{"name": "find", "arguments": ${args}}`);
const named = (name: string): string => tag(LIST.replace("list_files", name));
const CODER = "qwen3-coder-30b";
const coder = (inner: string): string => `<tool_call><function=save>${inner}</function></tool_call>`;
const saved = (path: string, text: string): [string, unknown] => ["save", { path, text }];

const ROWS: Record<string, Row[]> = {
  "1: unclosed at the end": [
    { text: `<tool_call>${LIST}`, calls: [list], kinds: ["unclosed call"] },
    {
      text: "<function=list_files><parameter=path>src</parameter>",
      model: CODER,
      calls: [list],
      kinds: ["unclosed call", "no outer tag"],
    },
    {
      text: '<tool_call>{"name": "save", "arguments": {"path": "a", "text": "ha',
      calls: [],
      content: "",
      kinds: ["truncated call"],
      finish: "length",
    },
    {
      text: "<tool_call><function=save><parameter=path>a</parameter><parameter=text>ha",
      model: CODER,
      calls: [],
      content: "",
      kinds: ["truncated call"],
      finish: "length",
    },
  ],
  "2: a bracket missing or too many, strings not looked at": [
    { text: tag(LIST.slice(0, -1)), calls: [list], kinds: ["missing closers"] },
    { text: tag(`${LIST}}`), calls: [list], kinds: ["surplus brackets"] },
    {
      text: tag('{"name": "save", "arguments": {"path": "a", "text": "}}{"}'),
      calls: [saved("a", "}}{")],
      kinds: ["missing closers"],
    },
  ],
  "3: an opener or another's closer in place of the closer": [
    {
      text: `<tool_call>${LIST}<tool_call>${LIST_B}</tool_call>`,
      calls: [list, listB],
      kinds: ["unclosed call"],
      strict: 1,
    },
    { text: `<tool_call>${LIST}</think>`, calls: [list], kinds: ["wrong closer"] },
    { text: `<tool_call>${LIST}</function>`, calls: [list], kinds: ["wrong closer"] },
  ],
  "4: several in one tag": [
    { text: tag(`${LIST}\n${LIST_B}`), calls: [list, listB] },
    { text: tag(`[${LIST}, ${LIST_B}]`), calls: [list, listB] },
  ],
  "5: fence in the tag, tag in the fence, all of it a fence": [
    { text: tag(`\`\`\`json\n${LIST}\n\`\`\``), calls: [list], kinds: ["fence in a tag"] },
    { text: `\`\`\`\n${tag(LIST)}\n\`\`\``, calls: [list] },
    { text: `\`\`\`json\n${LIST}\n\`\`\``, calls: [list] },
    { text: `Look:\n\`\`\`json\n${LIST}\n\`\`\`\nThat is it.`, calls: [] },
  ],
  "6: bare JSON, only as the whole answer, known and fitting": [
    { text: LIST, calls: [list], kinds: ["no marker"], strict: 1 },
    { text: `I do: ${LIST}`, calls: [] },
    { text: '{"name": "nothing", "arguments": {}}', calls: [] },
    { text: '{"name": "save", "arguments": {"path": 1}}', calls: [] },
  ],
  "7: other keys": [
    { text: tag('{"tool": "list_files", "args": {"path": "src"}}'), calls: [list], kinds: ["other keys"] },
    {
      text: tag('{"action": "list_files", "action_input": {"path": "src"}}'),
      calls: [list],
      kinds: ["other keys"],
    },
    { text: tag('{"list_files": {"path": "src"}}'), calls: [list], kinds: ["other keys"] },
    { text: tag('{"name": "list_files", "path": "src"}'), calls: [list], kinds: ["other keys"] },
    {
      text: tag('{"name": "list_files", "arguments": {"path": "src"}, "parameters": {"path": "x"}}'),
      calls: [list],
    },
  ],
  "8: the object of an API": [
    {
      text: tag('{"type": "function", "function": {"name": "list_files", "arguments": {"path": "src"}}}'),
      calls: [list],
      kinds: ["other keys"],
    },
    {
      text: '{"tool_calls": [{"id": "1", "function": {"name": "list_files", "arguments": "{\\"path\\": \\"src\\"}"}}]}',
      calls: [list],
      kinds: ["no marker", "arguments as a string"],
    },
  ],
  "9: arguments as a string, once or twice": [
    {
      text: tag('{"name": "list_files", "arguments": "{\\"path\\": \\"src\\"}"}'),
      calls: [list],
      kinds: ["arguments as a string"],
    },
    {
      text: tag(`{"name": "list_files", "arguments": ${JSON.stringify(JSON.stringify('{"path": "src"}'))}}`),
      calls: [list],
      kinds: ["arguments as a string"],
    },
    { text: tag('{"name": "list_files", "arguments": "src"}'), calls: [] },
  ],
  "10: a list as a string, only where the schema wants one": [
    {
      text: find('{"query": "q", "tags": "[\\"a\\"]"}'),
      calls: [["find", { query: "q", tags: ["a"] }]],
      kinds: ["type"],
    },
    { text: save('{"path": "a", "text": "[1, 2]"}'), calls: [saved("a", "[1, 2]")] },
  ],
  "11: numbers and booleans as strings and the reverse, by schema only": [
    {
      text: find('{"query": 5, "limit": "3", "deep": "true"}'),
      calls: [["find", { query: "5", limit: 3, deep: true }]],
      kinds: ["type"],
    },
    { text: save('{"path": "007", "text": "true"}'), calls: [saved("007", "true")] },
  ],
  "12: commas, comments, quotes, bare keys, Python's words, joined strings": [
    {
      text: find("{'query': 'q', deep: True, limit: None, }"),
      calls: [["find", { query: "q", deep: true }]],
      kinds: ["quotes", "bare words", "words", "comma", "null argument"],
    },
    {
      text: find('{"query": /* x */ "q" + "r", "tags": ["a",],}'),
      calls: [["find", { query: "qr", tags: ["a"] }]],
      kinds: ["comment", "concatenation", "comma"],
    },
    { text: find("{“query”: “q”}"), calls: [["find", { query: "q" }]], kinds: ["quotes"] },
    { text: save('{"path": "a", "text": "He said “hi”"}'), calls: [saved("a", "He said “hi”")] },
    {
      text: find('{"query": "q", "limit": NaN}'),
      calls: [["find", { query: "q" }]],
      kinds: ["words", "null argument"],
    },
    {
      text: find('{"query": "q", "tags": ["a"\n"b"]}'),
      calls: [["find", { query: "q", tags: ["a", "b"] }]],
      kinds: ["comma"],
    },
  ],
  "13: raw line breaks and tabs": [
    {
      text: save('{"path": "a", "text": "x\ty\nz"}'),
      calls: [saved("a", "x\ty\nz")],
      kinds: ["raw control characters"],
    },
  ],
  "14: unescaped quotes": [
    {
      text: save('{"path": "a", "text": "say "hi", ok"}'),
      calls: [saved("a", 'say "hi", ok')],
      kinds: ["unescaped quotes"],
    },
  ],
  "15: invalid escapes keep backslash and letter": [
    {
      text: save('{"path": "C:\\Users\\dir", "text": "\\d+ \\$ \\_ \\u12"}'),
      calls: [saved("C:\\Users\\dir", "\\d+ \\$ \\_ \\u12")],
      kinds: ["escapes"],
    },
  ],
  "16: line breaks escaped twice stay": [
    { text: save('{"path": "a", "text": "x\\\\ny"}'), calls: [saved("a", "x\\ny")] },
  ],
  "17: empty, null and missing arguments": [
    { text: tag('{"name": "clock"}'), calls: [clock] },
    { text: tag('{"name": "clock", "arguments": null}'), calls: [clock], kinds: ["empty arguments"] },
    { text: tag('{"name": "clock", "arguments": ""}'), calls: [clock], kinds: ["empty arguments"] },
  ],
  "18: a missing required argument is not made up": [
    { text: save('{"path": "a"}'), calls: [["save", { path: "a" }]], kinds: ["misfit"] },
  ],
  "19: unknown arguments go through": [
    {
      text: tag('{"name": "list_files", "arguments": {"path": "src", "x": 1}}'),
      calls: [["list_files", { path: "src", x: 1 }]],
    },
  ],
  "20: null for what is optional": [
    {
      text: find('{"query": "q", "limit": null}'),
      calls: [["find", { query: "q" }]],
      kinds: ["null argument"],
    },
  ],
  "21: names with prefixes, suffixes, in another writing": [
    "functions.list_files",
    "default_api.list_files",
    "tool:list_files",
    "repo_browser.list_files",
    "list_files:0",
    "List-Files",
    "listFiles",
    "list_files_tool",
  ].map((name) => ({ text: named(name), calls: [list], kinds: ["name"] })),
  "22: an unknown name, however near": [
    { text: named("list_file"), calls: [] },
    { text: named("list_filess"), calls: [] },
  ],
  "23: a token leaked into the name": [
    { text: named("list_files<|channel|>commentary"), calls: [list], kinds: ["name"] },
  ],
  "24: a call in thinking that was closed": [
    { text: `<think>I try ${tag(LIST)}</think>No.`, calls: [], content: "No." },
  ],
  "25: a call in thinking that never closes": [
    {
      text: `<think>I try ${tag(LIST)}`,
      calls: [list],
      content: "",
      kinds: ["call in thinking"],
      strict: 1,
    },
    { text: `<think>I try ${tag(LIST)} and more`, calls: [], content: "" },
  ],
  "26: the opener is missing": [
    {
      text: "<function=list_files>\n<parameter=path>\nsrc\n</parameter>\n</function>\n</tool_call>",
      model: CODER,
      calls: [list],
      content: "",
      kinds: ["no outer tag"],
      strict: 1,
    },
    {
      text: "<function=nothing>\n<parameter=path>\nsrc\n</parameter>\n</function>\n</tool_call>",
      model: CODER,
      calls: [],
    },
  ],
  "27: a parameter unclosed, nameless or as a tag": [
    {
      text: coder("<parameter=path>\na\n<parameter=text>\nb\n</parameter>"),
      model: CODER,
      calls: [saved("a", "b")],
      kinds: ["unclosed parameter"],
    },
    {
      text: coder("<parameter>path</parameter>a<parameter=text>b</parameter>"),
      model: CODER,
      calls: [saved("a", "b")],
      kinds: ["nameless parameter", "unclosed parameter"],
    },
    {
      text: coder("<path>a</path><text>b</text>"),
      model: CODER,
      calls: [saved("a", "b")],
      kinds: ["parameter as tag"],
    },
  ],
  "28: what looks like a closer in a value": [
    {
      text: coder("<parameter=path>\na\n</parameter><parameter=text>\nx </parameter> y\n</parameter>"),
      model: CODER,
      calls: [saved("a", "x </parameter> y")],
    },
    { text: save('{"path": "a", "text": "</tool_call>"}'), calls: [saved("a", "</tool_call>")] },
  ],
  "29: CDATA": [
    {
      text: '<function_calls><invoke name="save"><parameter name="path">a</parameter><parameter name="text"><![CDATA[a < b]]></parameter></invoke></function_calls>',
      model: "claude-3",
      calls: [saved("a", "a < b")],
    },
  ],
  "30: a parameter twice": [
    {
      text: coder("<parameter=path>a</parameter><parameter=path>c</parameter><parameter=text>b</parameter>"),
      model: CODER,
      calls: [saved("c", "b")],
      kinds: ["duplicate parameter"],
    },
    {
      text: coder(
        "<parameter=query>q</parameter><parameter=tags>a</parameter><parameter=tags>b</parameter>",
      ).replace("save", "find"),
      model: CODER,
      calls: [["find", { query: "q", tags: ["a", "b"] }]],
    },
  ],
  "31: special tokens that a server took away": [
    { text: `[${LIST}]`, model: "mistral-7b", calls: [list], kinds: ["no marker"], strict: 1 },
    {
      text: 'functions.list_files:0{"path": "src"}',
      model: "kimi-k2",
      calls: [list],
      kinds: ["no marker"],
      strict: 1,
    },
    { text: `See [${LIST}]`, model: "mistral-7b", calls: [] },
  ],
  "32: bars and underscores of DeepSeek's markers": [
    {
      text: '<｜tool_calls_begin｜><|tool▁call▁begin|>list_files<｜tool_sep｜>{"path": "src"}<｜tool_call_end｜><｜tool▁calls▁end｜>',
      model: "deepseek-v3.1",
      calls: [list],
    },
  ],
  "33: text behind the call": [{ text: `${tag(LIST)} Done.`, calls: [list], content: "Done." }],
  "34: an invented result or turn": [
    {
      text: `${tag(LIST)}\n<tool_response>fake</tool_response> So.`,
      calls: [list],
      content: "",
      kinds: ["invented turn"],
      strict: 1,
    },
    {
      text: `${tag(LIST)}\n<|im_start|>user\nNext`,
      calls: [list],
      content: "",
      kinds: ["invented turn"],
      strict: 1,
    },
  ],
  "35: the same call twice": [{ text: tag(LIST) + tag(LIST), calls: [list, list] }],
  "36: a call without end": [
    {
      text: tag(LIST).repeat(130),
      calls: Array.from({ length: 128 }, () => list),
      content: "",
      kinds: ["call too many", "call too many"],
      strict: 128,
    },
  ],
  "37: calls with prose between": [
    { text: `First ${tag(LIST)} then ${tag(LIST_B)} .`, calls: [list, listB], content: "First then ." },
  ],
  "38: an empty tag": [{ text: "a <tool_call></tool_call> b", calls: [], content: "a b" }],
  "39: keys that reach a prototype": [
    {
      text: tag('{"name": "list_files", "arguments": {"path": "src", "__proto__": {}}}'),
      calls: [],
      content: "",
      kinds: ["refused call"],
      strict: 0,
    },
    {
      text: tag('{"__proto__": {"name": "clock", "arguments": {}}}'),
      calls: [],
      content: "",
      kinds: ["refused call"],
      strict: 0,
    },
    // Nobody can read these, but where keys stand there is one that must not be used.
    {
      text: "a <list_files>constructor: [</list_files> b",
      model: "some-model",
      calls: [],
      content: "a b",
      kinds: ["refused call"],
      strict: 0,
    },
    {
      text: "<save><path>a</path><path>b</path><__proto__>c</__proto__></save>",
      model: "some-model",
      calls: [],
      content: "",
      kinds: ["refused call"],
      strict: 0,
    },
    {
      text: "<save><path>a</path><path>b</path><text>constructor: c</text></save>",
      model: "some-model",
      calls: [],
    },
  ],
  "40: arguments for a tool that has none": [
    {
      text: tag('{"name": "clock", "arguments": {"zone": "UTC"}}'),
      calls: [clock],
      kinds: ["undeclared arguments"],
    },
    {
      text: "<tool_call><function=clock><parameter=zone>UTC</parameter></function></tool_call>",
      model: CODER,
      calls: [clock],
      kinds: ["undeclared arguments"],
    },
    { text: find('{"query": "a", "zone": "UTC"}'), calls: [["find", { query: "a", zone: "UTC" }]] },
  ],
  "41: a parameter behind its call": [
    {
      text: "<function=list_files><parameter=path>src</parameter></function>\n<parameter=limit>1</parameter> Done.",
      model: CODER,
      calls: [list],
      content: "Done.",
      kinds: ["no outer tag", "stray parameter"],
      strict: 1,
    },
    {
      text: `${tag(LIST)}<parameter name="a">{"b": 1}</parameter><parameter name="c">d</parameter>`,
      calls: [list],
      content: "",
      kinds: ["stray parameter", "stray parameter"],
      strict: 1,
    },
    {
      text: `${tag(LIST)} So <parameter=a>b</parameter>`,
      calls: [list],
      content: "So <parameter=a>b</parameter>",
    },
    { text: `${tag(LIST)}<parameter=a>b`, calls: [list], content: "<parameter=a>b" },
    { text: "a <parameter=b>c</parameter> d", model: CODER, calls: [] },
  ],
};

const squeeze = (text: string): string => text.replace(/\s+/g, " ").trim();

describe.each(Object.entries(ROWS))("%s", (_, rows) => {
  it.each(rows)("$text", ({ text, model = "hermes-3", calls, content, kinds = [], finish }) => {
    const got = answer([[text]], { model, reasks: 0 });
    expect(got.calls).toEqual(calls.map(([name, args]) => ({ name, args })));
    // What became no call is still there, to the letter.
    expect(squeeze(got.content)).toBe(content ?? (calls.length ? "" : squeeze(text)));
    expect([...got.repairs].sort()).toEqual([...kinds].sort());
    expect(got.finish).toBe(finish ?? (calls.length ? "tool-calls" : "stop"));
  });

  it.each(rows)("repairs off: $text", ({ text, model = "hermes-3", calls, kinds = [], strict, content }) => {
    const got = answer([[text]], { model, strict: true });
    const left = strict ?? (kinds.length ? 0 : calls.length);
    expect(got.calls).toHaveLength(left);
    if (left === 0 && content === undefined) expect(squeeze(got.content)).toBe(squeeze(text));
    expect(got.followUps).toEqual([]);
  });
});

it("keeps what stood there before for who looks into it", () => {
  const seen: { kind: string; before?: string }[] = [];
  answer([[tag(LIST.slice(0, -1))]], {}, {}, "stop", (repair) => seen.push(repair));
  expect(seen).toEqual([{ kind: "missing closers", tool: "list_files", before: tag(LIST.slice(0, -1)) }]);
});
