import type { BlockContext, Dialect, SpanReading } from "../block.ts";
import { createSpanBlock } from "../span-block.ts";
import { parseJson } from "../values/parse-json.ts";
import { readJsonCalls } from "../values/read-json-calls.ts";

/** `[TOOL_CALLS][{…}]` of the older tokenizers, `[TOOL_CALLS]name[ARGS]{…}` of the newer ones. */
export const mistral: Dialect = {
  name: "mistral",
  openers: [
    {
      mark: "[TOOL_CALLS]",
      special: true,
      open: (context) =>
        createSpanBlock({
          closers: ["[/TOOL_CALLS]", "</s>"],
          needsCloser: false,
          prose: true,
          again: "",
          completes: (first, last) => (first === "[" ? last === "]" : last === "}"),
          read: (body, closed) => readMistral(body, closed, context),
        }),
    },
  ],
};

function readMistral(body: string, closed: boolean, context: BlockContext): SpanReading {
  const text = body.trim();
  if (text === "" || text[0] === "{" || /^\[\s*[{\]]/.test(text)) return readJsonCalls(body, closed, context);
  const head = /^([^{[]{1,128}?)\s*(?:\[CALL_ID\][^[{]{0,64})?(?:\[ARGS\]\s*|(?=\{))/.exec(text);
  if (!head) {
    // Words in front of the list.
    const list = text.search(/\[\s{0,8}\{\s{0,8}"/);
    if (list > 0 && list < 200)
      return moved(readJsonCalls(text.slice(list), closed, context), body.indexOf(text) + list);
  }
  if (!head) return /^[\w./:-]{1,128}(?:\[[A-Z_]{0,8}\]?[^{]{0,64})?$/.test(text) ? "cut" : undefined;
  const name = (head[1] ?? "").trim();
  const rest = text.slice(head[0].length);
  if (rest.trim() === "") return "cut";
  const reading = parseJson(rest);
  if (!reading) return undefined;
  if (reading.cut) return "cut";
  return [{ name, args: { kind: "value", value: reading.value } }];
}

/** A reading of a text that begins further on. */
const moved = (reading: SpanReading, by: number): SpanReading =>
  typeof reading === "object" && "end" in reading ? { ...reading, end: reading.end + by } : reading;
