import type { Block, BlockContext, Dialect, ReadCall, Verdict } from "../block.ts";
import { CALL_KEYS, NAME_KEYS, readJsonCalls } from "../values/read-json-calls.ts";
import { readPythonCalls } from "../values/read-python-calls.ts";

/**
 * A call in a fenced block: what models without tools of their own do best. It is one only if nothing but more calls
 * comes after it: a fence with prose behind it is an example. Gemma's `tool_code` fences hold Python.
 */
export const fence: Dialect = {
  name: "fence",
  openers: [{ mark: "```", where: "line", open: (context) => createFenceBlock(context) }],
};

function createFenceBlock(context: BlockContext): Block {
  let head = "";
  let checked = false;
  let line = "";
  const lines: string[] = [];
  let calls: ReadCall[] | undefined;
  let after = "";

  const step = (character: string): Verdict | undefined => {
    if (calls) return stepAfter(character);
    if (character !== "\n") {
      line += character;
      return checked || lines.length === 0 ? undefined : check();
    }
    if (lines.length === 0) {
      if (!/^[\w-]{0,20}\s*$/.test(line)) return "reject";
      head = line.trim();
      lines.push("");
    } else if (/^\s{0,3}```\s*$/.test(line)) return close();
    else lines.push(line);
    line = "";
    return undefined;
  };
  /** Rejects as soon as the content cannot be a call, so that code streams on. */
  const check = (): Verdict | undefined => {
    const text = [...lines.slice(1), line].join("\n").trimStart();
    if (text === "") return undefined;
    const known = looksLikeCall(text, context);
    if (known === undefined && text.length < 400) return undefined;
    checked = true;
    return known ? undefined : "reject";
  };
  const close = (): Verdict | undefined => {
    const body = lines.slice(1).join("\n");
    calls = readBody(body);
    line = "";
    return calls ? undefined : "reject";
  };
  const readBody = (body: string): ReadCall[] | undefined => {
    const text = body.trim();
    if (text.startsWith("<")) return context.atStart ? context.readWhole(text) : undefined;
    if (text.startsWith("{") || /^\[\s*[{[]/.test(text)) {
      const read = readJsonCalls(text, true, context);
      return Array.isArray(read) && read.length && read.every((call) => context.names.resolve(call.name))
        ? read
        : undefined;
    }
    const python = readPythonCalls(text, context);
    if (python === "cut" || !python || text.slice(python.end).trim() !== "") return undefined;
    return python.calls.every((call) => context.names.resolve(call.name)) ? python.calls : undefined;
  };
  const stepAfter = (character: string): Verdict | undefined => {
    after += character;
    const text = after.trimStart();
    if (text === "") return after.length > 2000 ? "reject" : undefined;
    const next = NEXT.find((mark) => mark.startsWith(text) || text.startsWith(mark));
    if (next === undefined) return "reject";
    return text.startsWith(next) ? { calls: calls ?? [], rest: after } : undefined;
  };
  return {
    push(text) {
      for (let at = 0; at < text.length; at++) {
        const verdict = step(text[at] ?? "");
        if (!verdict) continue;
        return verdict === "reject" ? verdict : { ...verdict, rest: verdict.rest + text.slice(at + 1) };
      }
      return undefined;
    },
    end() {
      if (calls) return { calls, rest: "" };
      if (lines.length === 0) return "reject";
      const closed = /^\s{0,3}```\s*$/.test(line);
      if (!/^\s{0,3}`{1,3}\s*$/.test(line)) lines.push(line);
      const body = lines.slice(1).join("\n");
      const read = body.trim() === "" ? undefined : readBody(body);
      if (!read) return "reject";
      // A fence nobody closed holds a call only if its JSON is whole.
      return closed || isWhole(body) || head === "tool_code" ? { calls: read, rest: "" } : "reject";
    },
  };
}

/** undefined: cannot be told yet. */
function looksLikeCall(text: string, context: BlockContext): boolean | undefined {
  if (text[0] === "<") return context.atStart;
  if (text[0] === "{") return firstKeyFits(text.slice(1), context);
  if (text[0] === "[") {
    const inner = text.slice(1).trimStart();
    if (inner === "") return undefined;
    return inner[0] === "{" ? firstKeyFits(inner.slice(1), context) : wordFits(inner, context);
  }
  return wordFits(text, context);
}

/** Whether the first key of an object is one that calls have. */
export function firstKeyFits(text: string, context: BlockContext): boolean | undefined {
  const match = /^\s*(?:"([^"\\]{0,128})"|'([^'\\]{0,128})'|([\w.-]{1,128}))\s*[:=]/.exec(text);
  if (match) {
    const key = match[1] ?? match[2] ?? match[3] ?? "";
    if (NAME_KEYS.has(key)) return nameFits(text.slice(match[0].length), context);
    return CALL_KEYS.has(key) || context.names.resolve(key) !== undefined;
  }
  return /^\s*["']?[\w .:/-]{0,128}["']?\s*$/.test(text) ? undefined : false;
}

/** Whether the value of the name's key is a known name, so that other JSON is not held back. */
function nameFits(text: string, context: BlockContext): boolean | undefined {
  const value = /^\s*(["'])([^"'\n]{0,128})(["'])?/.exec(text);
  if (!value) return text.trim() === "" ? undefined : text.trimStart().startsWith("{");
  return value[3] === undefined
    ? (value[2] ?? "").length < 128 && undefined
    : context.names.resolve(value[2] ?? "") !== undefined;
}

/** Whether a text begins with a known tool's name and a parenthesis. */
export function wordFits(text: string, context: BlockContext): boolean | undefined {
  const word = /^[\p{L}_][\p{L}\p{N}_.-]{0,127}/u.exec(text)?.[0];
  if (word === undefined) return false;
  const after = text.slice(word.length).trimStart();
  if (after === "") return text.length < 130 ? undefined : false;
  return after[0] === "(" && (word === "print" || context.names.resolve(word) !== undefined);
}

const isWhole = (body: string): boolean => {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
};

const NEXT = [
  "```",
  "<tool_call>",
  "<tool_response>",
  "<|im_end|>",
  "<|im_start|>",
  "</s>",
  "<end_of_turn>",
  "Observation:",
];
