import type { BlockContext, Dialect, Opener } from "../block.ts";
import { createSpanBlock } from "../span-block.ts";
import { readJsonCalls } from "../values/read-json-calls.ts";
import { readPythonCalls } from "../values/read-python-calls.ts";

/** Python calls between tokens; JSON is found there too. */
function marked(mark: string, closers: readonly string[]): Opener {
  return {
    mark,
    special: true,
    open: (context) =>
      createSpanBlock({
        closers: [...closers, "<|im_end|>", "<|eot|>", "<|eom|>"],
        needsCloser: true,
        read: (body, closed) => read(body, closed, context),
      }),
  };
}

function read(body: string, closed: boolean, context: BlockContext) {
  const text = body.trim();
  if (text[0] === "{" || /^\[\s*\{/.test(text)) return readJsonCalls(body, closed, context);
  const reading = readPythonCalls(text, context);
  if (reading === "cut") return closed ? undefined : "cut";
  return reading && text.slice(reading.end).trim() === "" ? reading.calls : undefined;
}

/** Liquid's LFM2. */
export const lfm: Dialect = {
  name: "lfm",
  openers: [marked("<|tool_call_start|>", ["<|tool_call_end|>"])],
  drop: ["<|tool_call_end|>"],
};

export const llama4: Dialect = {
  name: "llama4",
  openers: [marked("<|python_start|>", ["<|python_end|>"])],
  drop: ["<|python_end|>", "<|eot|>", "<|eom|>"],
};
