import type { Dialect, Opener } from "../block.ts";
import { createSpanBlock } from "../span-block.ts";
import { readMiniCall } from "../values/read-mini-calls.ts";

function mini(mark: string, quote: string, closers: readonly string[], where?: "start"): Opener {
  const before = mark.startsWith("call:") ? mark : "";
  return {
    mark,
    special: where === undefined,
    ...(where && { where }),
    open: () =>
      createSpanBlock({
        closers: [...closers, "<end_of_turn>", "<turn|>"],
        toggle: quote,
        needsCloser: false,
        read: (body) => {
          const call = readMiniCall(before + body, quote);
          return call === undefined || call === "cut" ? call : [call];
        },
      }),
  };
}

/** Gemma 4: `<|tool_call>call:f{k:<|"|>v<|"|>}<tool_call|>`, at times without the opening token. */
export const gemma: Dialect = {
  name: "gemma",
  openers: [
    mini("<|tool_call>", '<|"|>', ["<tool_call|>"]),
    mini("call:", '<|"|>', ["<tool_call|>"], "start"),
  ],
  drop: ["<tool_call|>", "<turn|>", "<channel|>"],
  stop: ["<|tool_response>"],
};

export const functionGemma: Dialect = {
  name: "function-gemma",
  openers: [mini("<start_function_call>", "<escape>", ["<end_function_call>"])],
  drop: ["<end_function_call>"],
  stop: ["<start_function_response>"],
};
