import type { Block, Dialect, Opener } from "../block.ts";
import { createXmlBlock } from "../xml-block.ts";
import { matchStart, PARAMETER_CLOSE, PARAMETER_OPEN } from "../xml-tags.ts";
import { WRAPPER_CLOSE } from "./tag.ts";

/**
 * Calls whose own tag stands without the wrapper around it: qwen3-coder forgets `<tool_call>` in about one call of
 * five, Claude-like models forget `<function_calls>`.
 */
export const callTags: Dialect = {
  name: "call-tags",
  openers: [...calls(), ...strays()],
};

function calls(): Opener[] {
  return [
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
  }));
}

/** A parameter that stands behind a call that was closed before it. */
function strays(): Opener[] {
  return ["<parameter=", "<parameter name="].map((mark) => ({
    mark,
    where: "behind",
    open: () => createStrayBlock(mark),
  }));
}

/** An argument without a call is torn markup, which nobody wants to read: it goes with its closer. */
function createStrayBlock(mark: string): Block {
  let head = mark;
  let body = false;
  let tail = "";
  let length = 0;
  return {
    push(text) {
      for (let at = 0; at < text.length; at++) {
        const character = text[at] ?? "";
        if (++length > STRAY_LIMIT) return "reject";
        if (!body) {
          head += character;
          if (character === ">") {
            if (!matchStart(PARAMETER_OPEN, head)) return "reject";
            body = true;
          } else if (head.length > 300) return "reject";
          continue;
        }
        tail = character === "<" ? "<" : tail === "" || tail.length > 40 ? "" : tail + character;
        if (character === ">" && matchStart(PARAMETER_CLOSE, tail))
          return { calls: [], rest: text.slice(at + 1), repairs: ["stray parameter"] };
      }
      return undefined;
    },
    end: () => "reject",
  };
}

const STRAY_LIMIT = 20_000;
