import type { Block, BlockContext, Dialect, Opener, Verdict } from "../block.ts";
import { createSpanBlock } from "../span-block.ts";
import { parseYaml } from "../values/parse-yaml.ts";
import { readJsonCalls, toCalls } from "../values/read-json-calls.ts";
import { readPythonCalls } from "../values/read-python-calls.ts";
import { createXmlBlock } from "../xml-block.ts";
import { firstKeyFits } from "./fence.ts";

/** Tags that stand around calls; what is inside tells which notation it is. */
const TAGS = [
  "tool_call",
  "tool_calls",
  "function_call",
  "function_calls",
  "longcat_tool_call",
  "seed:tool_call",
  "minimax:tool_call",
  "TOOLCALL",
  "antml:function_calls",
  "｜DSML｜function_calls",
  "｜DSML｜tool_calls",
];

/** Tags that may stand for other things: they count only where the answer begins, around JSON that calls a tool. */
const FRAMES = ["tool", "tools", "json", "JSON", "response", "xml"];

/**
 * `<tool_call>` and its kin: Hermes and Qwen (JSON), Qwen3-Coder (`<function=…>`), GLM (bare name and `<arg_key>`),
 * MiniMax and Claude (`<invoke>`), Olmo (Python). One model slips from one to another, so the inside is looked at.
 */
export const tag: Dialect = {
  name: "tag",
  openers: [
    ...TAGS.map((name): Opener => ({
      mark: `<${name}>`,
      special: name.includes("｜"),
      open: (context) => createTagBlock(name, context),
    })),
    ...FRAMES.map((name): Opener => ({
      mark: `<${name}>`,
      where: "start",
      open: (context) => createFrameBlock(name, context),
    })),
  ],
  drop: [...TAGS.map((name) => `</${name}>`), "</tool>", "</function>"],
};

function createTagBlock(name: string, context: BlockContext): Block {
  let held = "";
  let inner: Block | undefined;
  const choose = (ended: boolean): Verdict | undefined => {
    const text = held.trimStart();
    if (text === "") {
      if (held.length > 2000) return "reject";
      return ended ? { calls: [], rest: "", truncated: true } : undefined;
    }
    const first = text[0] ?? "";
    // Hunyuan puts GLM's blocks into one more pair: that pair only goes.
    if (name !== "tool_call" && text.startsWith("<tool_call>")) return { calls: [], rest: text };
    if (!ended && text.length < 11 && "<tool_call>".startsWith(text)) return undefined;
    if (!ended && text.length < 9 && "function=".startsWith(text)) return undefined;
    if (text.startsWith("function=")) inner = createXmlBlock(context, { ...xmlOptions(), before: "<" });
    else if (first === "<") inner = createXmlBlock(context, xmlOptions());
    else if ('{["/'.includes(first) || text.startsWith("```")) inner = isPython(text, ended);
    else if (first === "`" && !ended && text.length < 3) return undefined;
    else if (/[\p{L}_\d"]/u.test(first)) {
      const word = /^[\p{L}\p{N}_.-]{1,128}/u.exec(text)?.[0] ?? "";
      const after = text[word.length];
      if (after === undefined && word.length < 128 && !ended) return undefined;
      inner =
        after === "("
          ? python()
          : after === ":"
            ? yaml()
            : createXmlBlock(context, { ...xmlOptions(), bareName: true });
    } else return "reject";
    if (inner === undefined) return ended ? "reject" : undefined;
    const piece = text.startsWith("function=") ? text : held;
    held = "";
    return inner.push(piece);
  };
  const xmlOptions = () => ({ wrapped: true, wrapperClose: WRAPPER_CLOSE, entities: !name.includes("｜") });
  /** `[f(a=1)]` inside a tag made for JSON; undefined while that cannot be told. */
  const isPython = (text: string, ended: boolean): Block | undefined => {
    const match = /^\[\s{0,40}[\p{L}_][\p{L}\p{N}_.]{0,127}(\(|.)?/u.exec(text);
    if (text[0] === "[" && /^\[\s{0,40}[\p{L}\p{N}_.]{0,127}$/u.test(text) && !ended) return undefined;
    return match?.[1] === "(" ? python() : json();
  };
  const json = (): Block =>
    createSpanBlock({
      closers: closersOf(name),
      reopeners: [`<${name}>`, "<tool_response>", "<|im_end|>", "<|im_start|>"],
      needsCloser: true,
      read: (body, closed) => readJsonCalls(body, closed, context),
    });
  const python = (): Block =>
    createSpanBlock({
      closers: closersOf(name),
      reopeners: [`<${name}>`],
      needsCloser: true,
      read: (body) => {
        const reading = readPythonCalls(body, context);
        return reading === "cut" || reading === undefined
          ? reading
          : body.slice(reading.end).trim() === ""
            ? reading.calls
            : undefined;
      },
    });
  const yaml = (): Block =>
    createSpanBlock({
      closers: closersOf(name),
      needsCloser: true,
      read: (body, closed) => {
        const value = parseYaml(body);
        const calls = value && toCalls(value, context);
        return calls && !closed && !/\n[ \t]*$/.test(body) ? "cut" : calls;
      },
    });
  return {
    push(text) {
      if (inner) return inner.push(text);
      held += text;
      return choose(false);
    },
    waitsFor: () => inner?.waitsFor?.() ?? "little",
    end(cut) {
      if (!inner) {
        const verdict = choose(true);
        if (verdict) return verdict;
      }
      return inner ? inner.end(cut) : "reject";
    },
  };
}

/** JSON in a tag that says nothing; other text is known by its first key, so that it is not held back. */
function createFrameBlock(name: string, context: BlockContext): Block {
  const inner = createSpanBlock({
    closers: [`</${name}>`],
    needsCloser: true,
    read(body, closed) {
      const reading = readJsonCalls(body, closed, context);
      return Array.isArray(reading) && reading.every((call) => context.names.resolve(call.name))
        ? reading
        : reading === "cut"
          ? reading
          : undefined;
    },
  });
  let head = "";
  let checked = false;
  return {
    push(text) {
      for (let at = 0; at < text.length && !checked; at++) {
        head += text[at];
        const json = /^\s*(?:\[\s*)?\{/.exec(head);
        const fits = json ? firstKeyFits(head.slice(json[0].length), context) : undefined;
        if (fits === false || (!json && !/^\s*\[?\s*$/.test(head)) || head.length > 400) return "reject";
        checked = fits === true;
      }
      return inner.push(text);
    },
    waitsFor: () => (checked ? "closer" : "little"),
    end: (cut) => (checked ? inner.end(cut) : "reject"),
  };
}

/** Its own closer first, then those models put there instead. */
const closersOf = (name: string): string[] =>
  [
    `</${name}>`,
    "</tool_call>",
    "</tool_calls>",
    "</function_call>",
    "</function_calls>",
    "</function>",
    "</think>",
    "</tools>",
  ].filter((closer, index, all) => all.indexOf(closer) === index);

/** Closers of any wrapper: models mix them. */
export const WRAPPER_CLOSE =
  /<\/(?:[\w-]+:|｜DSML｜)?(?:tool_calls?|function_calls?|longcat_tool_call|TOOLCALL|think)>/y;
