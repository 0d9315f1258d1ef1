import type { Dialect } from "../block.ts";

/** Tokens that end a turn and results a model invents: the answer ends before them. */
export const turnEnds: Dialect = {
  name: "turn-ends",
  openers: [],
  drop: [
    "<|im_end|>",
    "<|eot_id|>",
    "<|end|>",
    "<|endoftext|>",
    "</s>",
    "<end_of_turn>",
    "</answer>",
    "[END FINAL RESPONSE]",
  ],
  stop: [
    "<|im_start|>",
    "<tool_response>",
    "<function_results>",
    "<tool_result>",
    "<observation>",
    "<|observation|>",
  ],
};
