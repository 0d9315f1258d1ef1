import type { BlockContext, Dialect, Opener, SpanReading } from "../block.ts";
import { createSpanBlock } from "../span-block.ts";
import { readJsonCalls } from "../values/read-json-calls.ts";
import { readPythonCalls } from "../values/read-python-calls.ts";

/** JSON behind a marker of the model's own, ended by the value itself or by the marker's counterpart. */
function marked(
  marks: readonly string[],
  closers: readonly string[],
  { where, read = readJsonCalls }: { where?: "line"; read?: typeof readJsonCalls } = {},
): Opener[] {
  return marks.map((mark) => ({
    mark,
    special: /[|｜]/.test(mark),
    ...(where && { where }),
    open: (context) =>
      createSpanBlock({
        closers: [...closers, ...END_OF_TURN],
        needsCloser: false,
        again: "{[",
        completes: (first, last) => first !== "[" || last === "]",
        read: (body, closed) => read(body, closed, context),
      }),
  }));
}

const END_OF_TURN = ["<|im_end|>", "<|eot_id|>", "<|eom_id|>", "</s>", "<|end_of_text|>", "<|end|>"];

/** Granite 3, newer Phi-4-mini. */
export const granite: Dialect = {
  name: "granite",
  openers: marked(["<|tool_call|>", "<|tool_calls|>"], ["<|/tool_call|>", "<|/tool_calls|>"]),
};

export const internlm: Dialect = {
  name: "internlm",
  openers: marked(["<|action_start|><|plugin|>", "<|action_start|> <|plugin|>"], ["<|action_end|>"]),
  drop: ["<|action_end|>"],
};

export const command: Dialect = {
  name: "command",
  openers: marked(["<|START_ACTION|>"], ["<|END_ACTION|>"]),
  drop: ["<|END_ACTION|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"],
};

export const apertus: Dialect = {
  name: "apertus",
  openers: marked(["<|tools_prefix|>"], ["<|tools_suffix|>"]),
  drop: ["<|tools_suffix|>", "<|assistant_end|>"],
};

export const gigachat: Dialect = {
  name: "gigachat",
  openers: marked(
    [
      "<|message_sep|>\n\nfunction call<|role_sep|>\n",
      "<|message_sep|>\nfunction call<|role_sep|>\n",
      "<|function_call|>",
      "function call<|role_sep|>\n",
    ],
    ["<|message_sep|>"],
  ),
  drop: ["<|message_sep|>"],
};

export const llama: Dialect = {
  name: "llama",
  openers: marked(["<|python_tag|>"], [], { read: readLlama }),
  drop: ["<|eom_id|>", "<|eot_id|>"],
};

/** JSON, or `tool.call(key="value")`, as Llama 3.1 was trained to call tools that its maker named. */
function readLlama(body: string, closed: boolean, context: BlockContext): SpanReading {
  const head = /^\s*([\w.-]{1,128})\.call(?=\()/.exec(body);
  if (!head) return readJsonCalls(body, closed, context);
  const text = `${head[1]}${body.slice(head[0].length)}`;
  const reading = readPythonCalls(text, context);
  if (reading === "cut" || !reading) return closed ? undefined : reading;
  return text.slice(reading.end).trim() === "" ? reading.calls : undefined;
}

export const phi: Dialect = { name: "phi", openers: marked(["functools"], [], { where: "line" }) };

/** Granite's 20b: a marker without a counterpart. */
export const granite20b: Dialect = { name: "granite-20b", openers: marked(["<function_call> "], []) };
