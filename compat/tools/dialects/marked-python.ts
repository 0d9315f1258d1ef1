import type { Block, BlockContext, Dialect, Opener } from "../block.ts";
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

/** The calls right before once more, without their opening token: small LFM2 models repeat themselves so. */
function createEchoBlock({ before }: BlockContext): Block {
  const body = before.slice(before.indexOf("["));
  let at = 1;
  return {
    push(text) {
      for (let index = 0; index < text.length; index++) {
        if (text[index] !== body[at]) return "reject";
        if (++at === body.length) return { calls: [], rest: text.slice(index + 1), repairs: ["echo"] };
      }
      return undefined;
    },
    end: () => "reject",
  };
}

/** Liquid's LFM2. */
export const lfm: Dialect = {
  name: "lfm",
  openers: [
    marked("<|tool_call_start|>", ["<|tool_call_end|>"]),
    { mark: "[", where: "behind", open: createEchoBlock },
  ],
  drop: ["<|tool_call_end|>"],
};

export const llama4: Dialect = {
  name: "llama4",
  openers: [marked("<|python_start|>", ["<|python_end|>"])],
  drop: ["<|python_end|>", "<|eot|>", "<|eom|>"],
};
