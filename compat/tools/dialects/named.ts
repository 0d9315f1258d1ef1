import type { Block, BlockContext, Dialect, ReadCall } from "../block.ts";
import { checkArgs } from "../check-args.ts";
import { parseJson } from "../values/parse-json.ts";
import { readPythonCalls } from "../values/read-python-calls.ts";
import { createWholeBlock } from "../whole-block.ts";

/**
 * A known name and its JSON as the whole reply: what is left of Kimi's and Mistral's calls when a server strips their
 * tokens. With `python` also `name(a="x")`.
 */
export function createNamed(names: readonly string[], options: { python: boolean }): Dialect {
  const marks = [...new Set([...names, "functions."])];
  return {
    name: "named",
    openers: marks.map((mark) => ({
      mark,
      where: "start",
      open: (context: BlockContext) => createNamedBlock(mark, context, options.python),
    })),
  };
}

function createNamedBlock(mark: string, context: BlockContext, python: boolean): Block {
  const begins = (head: string): boolean | undefined => {
    const match =
      /^(?:functions\.)?([\p{L}\p{N}_./-]{0,128}?)(?::\d{1,6})?(\s{0,8}[^\p{L}\p{N}_./:\s-]|\s[^{([\s]|:\D)/u.exec(
        head,
      );
    if (!match) return head.length < 200 ? undefined : false;
    const last = (match[2] ?? "").trim();
    return context.names.resolve(match[1] ?? "") !== undefined && (last === "{" || (python && last === "("));
  };
  const read = (text: string): ReadCall[] | "cut" | undefined => {
    if (/^[\p{L}_][\p{L}\p{N}_.-]{0,127}\s{0,8}\(/u.test(text)) {
      const reading = readPythonCalls(text, context);
      if (reading === "cut" || !reading) return reading;
      return text.slice(reading.end).trim() === "" ? reading.calls : undefined;
    }
    const calls: ReadCall[] = [];
    let at = 0;
    for (;;) {
      const name = /^\s*(?:functions\.)?([\p{L}\p{N}_./-]{1,128}?)(?::\d{1,6})?\s*(?=\{)/u.exec(
        text.slice(at, at + 300),
      );
      if (!name) return calls.length && text.slice(at).trim() === "" ? calls : undefined;
      const reading = parseJson(text, at + name[0].length);
      if (!reading) return undefined;
      if (reading.cut) return "cut";
      calls.push({ name: name[1] ?? "", args: { kind: "value", value: reading.value } });
      at = reading.end;
    }
  };
  return createWholeBlock(mark, {
    begins,
    read(text) {
      const calls = read(text.trimEnd());
      if (calls === "cut") return { calls: [], rest: "", truncated: true };
      return calls?.every((call) => isValid(call, context)) ? { calls, rest: "" } : "reject";
    },
  });
}

function isValid(call: ReadCall, context: BlockContext): boolean {
  const tool = context.names.resolve(call.name);
  if (!tool || call.args.kind !== "value") return false;
  return checkArgs(context.schemaOf(tool.name), call.args.value).length === 0;
}
