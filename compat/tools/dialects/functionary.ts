import { isObject } from "../../../adapters/validate.ts";
import type { Block, BlockContext, Dialect, ReadCall, Verdict } from "../block.ts";
import { parseJson } from "../values/parse-json.ts";
import { isTextProperty, propertiesOf } from "../values/read-elements.ts";

/**
 * Functionary 3.2: messages that begin with `>>>` and a recipient on a line of its own, the first of them without the
 * `>>>`, which its template has written. `all` is the reader; a tool gets JSON, and one that takes code the bare code.
 */
export function createFunctionary(names: readonly string[]): Dialect {
  return {
    name: "functionary",
    openers: [
      { mark: ">>>", open: (context) => createMessageBlock("", context) },
      ...["all", ...names].map((name) => ({
        mark: `${name}\n`,
        where: "start" as const,
        open: (context: BlockContext) => createMessageBlock(`${name}\n`, context),
      })),
    ],
  };
}

function createMessageBlock(recipient: string, context: BlockContext): Block {
  let head = recipient;
  let body = "";
  let name: string | undefined;

  const stepHead = (character: string): "reject" | undefined => {
    head += character;
    if (character !== "\n") return head.length > 130 ? "reject" : undefined;
    name = head.trim();
    return name === "all" || context.names.resolve(name) ? undefined : "reject";
  };
  const settle = (rest: string): Verdict => {
    const call = name === undefined ? undefined : readMessage(name, body.trim(), context);
    return call ? { calls: [call], rest } : "reject";
  };
  if (recipient !== "") name = recipient.trim();
  return {
    push(text) {
      for (let at = 0; at < text.length; at++) {
        if (name === "all") return { calls: [], rest: text.slice(at) };
        const character = text[at] ?? "";
        if (name === undefined) {
          if (stepHead(character)) return "reject";
          continue;
        }
        body += character;
        // The next message: `>>>`, a recipient there is, and a line break.
        const next = character === "\n" ? />>>([^\s>]{1,128})\n$/.exec(body.slice(-140)) : null;
        const to = next?.[1] ?? "";
        if (!next || (to !== "all" && !context.names.resolve(to))) continue;
        body = body.slice(0, -next[0].length);
        return settle(next[0] + text.slice(at + 1));
      }
      return undefined;
    },
    waitsFor: () => "little",
    end(cut) {
      if (name === "all") return { calls: [], rest: "" };
      if (!cut) return settle("");
      const whole = readMessage(name ?? "", body.trim(), context);
      return whole?.args.kind === "value"
        ? { calls: [whole], rest: "" }
        : { calls: [], rest: "", truncated: true };
    },
  };
}

function readMessage(name: string, text: string, context: BlockContext): ReadCall | undefined {
  if (text.startsWith("{")) {
    const reading = parseJson(text);
    if (reading && !reading.cut && isObject(reading.value) && text.slice(reading.end).trim() === "")
      return { name, args: { kind: "value", value: reading.value } };
  }
  const properties = Object.entries(propertiesOf(context.schemaOf(context.names.resolve(name)?.name ?? "")));
  const [key, rule] = properties[0] ?? [];
  if (key === undefined || properties.length > 1 || !isTextProperty(rule) || text === "") return undefined;
  return { name, args: { kind: "texts", texts: [{ key, text }] } };
}
