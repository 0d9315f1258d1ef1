import type { Block, BlockContext, Dialect, Opener, ReadCall, SpanReading, Verdict } from "../block.ts";
import { createSpanBlock } from "../span-block.ts";
import { createXmlBlock } from "../xml-block.ts";
import { parseJson } from "../values/parse-json.ts";
import { withoutFence } from "../values/without-fence.ts";
import { readJsonCalls } from "../values/read-json-calls.ts";

/**
 * Writings of DeepSeek's tokens: distills and servers put ASCII for the full-width bar and the low block, and escape
 * the underscore as Markdown does.
 */
const writings = (words: string): string[] =>
  ["｜▁", "|▁", "|_", "｜_", "| ", "｜\\_", "|\\_"].map(
    (pair) => `<${pair[0]}${words.replaceAll(" ", pair.slice(1))}${pair[0]}>`,
  );

/**
 * DeepSeek R1, V3, V3.1 and those after them, Step 3: an outer pair of tokens around inner ones, each with a name, a
 * separator and JSON, fenced or not. The outer pair is forgotten at times.
 */
export const deepseek: Dialect = {
  name: "deepseek",
  openers: [
    ...[...writings("tool calls begin"), ...writings("tool calls")].map((mark) =>
      section(mark, writings("tool calls end")),
    ),
    ...writings("tool call begin").map((mark) => section(mark, writings("tool call end"))),
  ],
  drop: [
    ...writings("tool calls end"),
    ...writings("tool call end"),
    ...writings("end of sentence"),
    ...writings("tool output begin"),
    ...writings("tool output end"),
    ...writings("tool outputs end"),
  ],
  stop: writings("tool outputs begin"),
};

/** Kimi K2: `functions.name:0` and JSON between tokens. */
export const kimi: Dialect = {
  name: "kimi",
  openers: [
    ...["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>"].map((mark) =>
      section(mark, ["<|tool_calls_section_end|>", "<|tool_call_section_end|>"]),
    ),
    section("<|tool_call_begin|>", ["<|tool_call_end|>"]),
  ],
  drop: ["<|tool_calls_section_end|>", "<|tool_call_section_end|>", "<|tool_call_end|>"],
};

function section(mark: string, closers: readonly string[]): Opener {
  return {
    mark,
    special: true,
    open: (context) => createSectionBlock(closers, context),
  };
}

/** Step 3 writes XML of its own between the same kind of tokens; everyone else writes names and JSON. */
function createSectionBlock(closers: readonly string[], context: BlockContext): Block {
  let held = "";
  let inner: Block | undefined;
  const choose = (ended: boolean): Verdict | undefined => {
    const lead = /^\s*(?:<[｜|][^<>]{1,40}>\s*(?:function\s*(?=<[｜|]))?)*/.exec(held)?.[0] ?? "";
    const text = held.slice(lead.length, lead.length + 20);
    if (
      !ended &&
      ["<steptml:invoke", "<invoke", "<｜", "<|", "function<"].some((mark) => mark.startsWith(text)) &&
      held.length < 400
    )
      return undefined;
    if (!ended && /^<[｜|][^<>]{0,40}$/.test(text)) return undefined;
    if (/^<(?:steptml:)?invoke/.test(text)) {
      inner = createXmlBlock(context, { wrapped: true, wrapperClose: SECTION_END });
      return inner.push(held.slice(lead.length));
    }
    inner = createSpanBlock({
      closers: [...closers, "<|im_end|>"],
      needsCloser: true,
      read: (body, closed) => readSection(body, closed, context),
    });
    return inner.push(held);
  };
  return {
    push(text) {
      if (inner) return inner.push(text);
      held += text;
      return choose(false);
    },
    waitsFor: () => inner?.waitsFor?.() ?? "little",
    end(cut) {
      const verdict = inner ? undefined : choose(true);
      return verdict ?? (inner ? inner.end(cut) : "reject");
    },
  };
}

function readSection(body: string, closed: boolean, context: BlockContext): SpanReading {
  const calls: ReadCall[] = [];
  // One call ends where the next begins; tokens inside of JSON strings do not occur.
  for (const piece of body.split(INNER_BEGIN)) {
    const text = piece.split(INNER_END, 1)[0]?.trim() ?? "";
    if (text === "") continue;
    const read = readInner(text, closed || INNER_END.test(piece), context);
    if (!Array.isArray(read)) return calls.length && read === "cut" ? calls : read;
    calls.push(...read);
  }
  return calls.length || closed ? calls : "cut";
}

function readInner(text: string, closed: boolean, context: BlockContext): SpanReading {
  const parts = text.split(SEPARATOR);
  if (parts.length === 1) {
    const stripped = /^(?:functions\.)?([^\s{]{1,128}?)(?::\d{1,6})?\s*(?=\{)/.exec(text);
    if (!stripped)
      return text.startsWith("{") || text.startsWith("[")
        ? callsOf(readJsonCalls(text, closed, context))
        : closed
          ? undefined
          : "cut";
    return readArgs(stripped[1] ?? "", text.slice(stripped[0].length), closed);
  }
  const [head = "", ...rest] = parts;
  const tail = rest.join("");
  // V3: `function<sep>name` and a fence; V3.1: `name<sep>{…}`; Kimi: `functions.name:0<sep>{…}`.
  const named =
    head.trim() === "function" || head.trim() === "" ? /^\s*([^\s{`]{1,128})\s*/.exec(tail) : undefined;
  if (named) return readArgs(named[1] ?? "", tail.slice(named[0].length), closed);
  return readArgs(head.trim().replace(/^(?:functions\.)?(.+):\d{1,6}$/, "$1"), tail, closed);
}

function readArgs(name: string, text: string, closed: boolean): SpanReading {
  const bare = withoutFence(text);
  if (bare === "") return closed ? [{ name, args: { kind: "value", value: {} } }] : "cut";
  const reading = parseJson(bare);
  if (!reading) return undefined;
  if (reading.cut)
    return closed && /[}\]"]$/.test(bare)
      ? [{ name, args: { kind: "value", value: reading.value } }]
      : closed
        ? undefined
        : "cut";
  return [{ name, args: { kind: "value", value: reading.value } }];
}

const callsOf = (reading: SpanReading): SpanReading =>
  typeof reading === "object" && "end" in reading ? reading.calls : reading;

const INNER_BEGIN = /<[｜|]tool(?:[▁_ ]|\\_)call(?:[▁_ ]|\\_)begin[｜|]>/;
const INNER_END = /<[｜|]tool(?:[▁_ ]|\\_)calls?(?:[▁_ ]|\\_)(?:section[▁_ ])?end[｜|]>/;
const SEPARATOR = /<[｜|]tool(?:[▁_ ]|\\_)sep[｜|]>|<\|tool_call_argument_begin\|>/;
const SECTION_END = /<[｜|]tool(?:[▁_ ]|\\_)calls(?:[▁_ ]|\\_)end[｜|]>|<\/think>/y;
