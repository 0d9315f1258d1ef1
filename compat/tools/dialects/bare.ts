import type { Block, BlockContext, Dialect, ReadCall, SpanReading } from "../block.ts";
import { settleArgs } from "../arguments.ts";
import { readJsonCalls } from "../values/read-json-calls.ts";
import { readPythonCalls } from "../values/read-python-calls.ts";
import { createWholeBlock } from "../whole-block.ts";
import { firstKeyFits, wordFits } from "./fence.ts";

/**
 * JSON calls without any marker: Llama 3 is trained so, and servers strip the tokens of Mistral, Granite and others.
 * Only the whole reply, only known names, only arguments that fit.
 */
export const bareJson: Dialect = {
  name: "bare-json",
  openers: ["{", "["].map((mark) => ({
    mark,
    where: "start",
    open: (context) => createBareBlock(mark, context, readJson),
  })),
};

/** `[f(a=1)]` as the whole reply: Llama 4, small Llama 3.2, ToolACE. */
export const bareList: Dialect = {
  name: "bare-list",
  openers: [{ mark: "[", where: "start", open: (context) => createBareBlock("[", context, readAny) }],
};

type Read = (text: string, context: BlockContext) => SpanReading;

const readJson: Read = (text, context) => readJsonCalls(text, false, context);
const readAny: Read = (text, context) => {
  const python = readPythonCalls(text, context);
  if (python === "cut") return readJsonCalls(text, false, context) ?? "cut";
  if (!python) return readJsonCalls(text, false, context);
  return text.slice(python.end).trim() === "" ? python.calls : undefined;
};

const createBareBlock = (mark: string, context: BlockContext, read: Read): Block =>
  createWholeBlock(mark, {
    begins(head) {
      const inner = head.slice(1).trimStart();
      const fits =
        head[0] === "{"
          ? firstKeyFits(head.slice(1), context)
          : inner === ""
            ? undefined
            : inner[0] === "{"
              ? firstKeyFits(inner.slice(1), context)
              : read === readAny
                ? wordFits(inner, context)
                : false;
      return fits === undefined && head.length >= 500 ? false : fits;
    },
    read(written) {
      const text = withoutTurnEnd(written);
      const whole = read(text, context);
      // The bracket of a list is forgotten more often than anything else.
      const calls =
        whole === "cut" && text[0] === "[" && /[})]$/.test(text) ? read(`${text}]`, context) : whole;
      if (calls === "cut")
        return mentionsTool(text, context) ? { calls: [], rest: "", truncated: true } : "reject";
      const valid = Array.isArray(calls) && calls.length > 0 && calls.every((call) => isValid(call, context));
      return valid ? { calls, rest: "" } : "reject";
    },
  });

/** The text without the token that ends the turn, which some servers leave in. */
function withoutTurnEnd(text: string): string {
  const whole = text.trimEnd();
  const token = /(?:<\|\w{2,20}\|>|<\/s>)$/.exec(whole.slice(-32))?.[0] ?? "";
  return token === "" ? whole : whole.slice(0, -token.length).trimEnd();
}

function isValid(call: ReadCall, context: BlockContext): boolean {
  const tool = context.names.resolve(call.name);
  if (!tool) return false;
  const schema = context.schemaOf(tool.name);
  const settled = settleArgs(call.args, schema);
  return typeof settled === "object" && settled.problems.length === 0;
}

/** A reply cut off in the middle was a call if it names a tool. */
function mentionsTool(text: string, context: BlockContext): boolean {
  const name = /["'](?:name|tool|tool_name|function|action)["']\s{0,8}:\s{0,8}["']([^"'\n]{1,128})["']/.exec(
    text.slice(0, 2000),
  )?.[1];
  const called = /^\[?\s{0,40}([\p{L}_][\p{L}\p{N}_.-]{0,127})\(/u.exec(text)?.[1];
  return (
    (name !== undefined && context.names.resolve(name) !== undefined) ||
    (called !== undefined && context.names.resolve(called) !== undefined)
  );
}
