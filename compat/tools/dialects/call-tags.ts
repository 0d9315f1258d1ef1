import type { Dialect } from "../block.ts";
import { createXmlBlock } from "../xml-block.ts";
import { WRAPPER_CLOSE } from "./tag.ts";

/**
 * Calls whose own tag stands without the wrapper around it: qwen3-coder forgets `<tool_call>` in about one call of
 * five, Claude-like models forget `<function_calls>`.
 */
export const callTags: Dialect = {
  name: "call-tags",
  openers: [
    "<function=",
    "<function name=",
    "<invoke name=",
    "<invoke name=",
    "<steptml:invoke name=",
    "<｜DSML｜invoke name=",
    // The closing tag of a call that never was, or that was told already.
    "</tool_call>\n<function=",
    "</tool_call><function=",
  ].map((mark) => ({
    mark,
    special: mark.includes("｜"),
    open: (context) =>
      createXmlBlock(context, {
        before: mark.replace(/^<\/tool_call>\s*/, ""),
        wrapped: false,
        wrapperClose: WRAPPER_CLOSE,
        entities: !mark.includes("｜"),
      }),
  })),
};
