import type { BlockContext, ReadCall } from "../block.ts";
import { setOwn, toNumber } from "./json-value.ts";

const MAX_DEPTH = 64;

/**
 * Calls in Python's notation: `[f(a="x"), g(1)]`, or one below the other without brackets. "cut" when the text ends
 * inside a call; `undefined` when it is something else. Arguments by position get the schema's names.
 */
export function readPythonCalls(
  body: string,
  context: BlockContext,
): { calls: ReadCall[]; end: number } | "cut" | undefined {
  const text = body;
  let at = 0;
  const calls: ReadCall[] = [];

  const blank = (): void => {
    for (;;) {
      while (text.charCodeAt(at) <= 32) at++;
      if (text[at] !== "#") return;
      while (at < text.length && text[at] !== "\n") at++;
    }
  };
  const expect = (character: string): void => {
    if (at >= text.length) throw new Cut();
    if (text[at] !== character) throw new NoCall();
    at++;
  };
  const call = (): ReadCall => {
    const name = sticky(/[\p{L}_][\p{L}\p{N}_.-]{0,127}/uy);
    if (name === undefined) throw at >= text.length ? new Cut() : new NoCall();
    blank();
    expect("(");
    if (name === "print" && !context.names.resolve("print")) {
      blank();
      const inner = call();
      blank();
      expect(")");
      return inner;
    }
    const args: Record<string, unknown> = {};
    const positions = Object.keys(propertiesOf(name, context));
    for (let position = 0; ; position++) {
      blank();
      if (text[at] === ")") {
        at++;
        break;
      }
      if (at >= text.length) throw new Cut();
      const key = sticky(/[\p{L}_][\p{L}\p{N}_-]{0,127}(?=\s{0,8}=(?!=))/uy) ?? quotedKey();
      if (key !== undefined) {
        blank();
        expect("=");
      }
      const name = key ?? positions[position];
      if (name === undefined) throw new NoCall();
      setOwn(args, name, value(0));
      blank();
      if (text[at] === ",") at++;
      else if (text[at] !== ")") throw at >= text.length ? new Cut() : new NoCall();
    }
    return { name, args: { kind: "value", value: args } };
  };
  const quotedKey = (): string | undefined => {
    const match = sticky(/(["'])[\w-]{1,128}\1(?=\s{0,8}=(?!=))/y);
    return match?.slice(1, -1);
  };
  const value = (depth: number): unknown => {
    blank();
    if (depth > MAX_DEPTH) throw new NoCall();
    const character = text[at];
    if (character === undefined) throw new Cut();
    if (character === "{") return dict(depth);
    if (character === "[" || character === "(") return list(character === "[" ? "]" : ")", depth);
    if (character === '"' || character === "'") return strings();
    const prefixed = sticky(/[rRbBuUfF]{1,2}(?=["'])/y);
    if (prefixed !== undefined) return string(/r/i.test(prefixed));
    const number = sticky(/[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y);
    if (number !== undefined) return toNumber(number.replaceAll("_", "").replace(/^\+/, ""));
    const word = sticky(/[A-Za-z]+(?![\w.(])/y);
    if (word === undefined || !Object.hasOwn(WORDS, word)) {
      if (word !== undefined && at >= text.length) throw new Cut();
      throw new NoCall();
    }
    return WORDS[word];
  };
  const dict = (depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    at++;
    for (;;) {
      blank();
      if (text[at] === "}") {
        at++;
        return result;
      }
      const key = text[at] === '"' || text[at] === "'" ? strings() : (sticky(/[\w-]{1,128}/y) ?? "");
      blank();
      expect(":");
      setOwn(result, key, value(depth + 1));
      blank();
      if (text[at] === ",") at++;
      else if (text[at] !== "}") throw at >= text.length ? new Cut() : new NoCall();
    }
  };
  const list = (close: string, depth: number): unknown[] => {
    const result: unknown[] = [];
    at++;
    for (;;) {
      blank();
      if (text[at] === close) {
        at++;
        return result;
      }
      result.push(value(depth + 1));
      blank();
      if (text[at] === ",") at++;
      else if (text[at] !== close) throw at >= text.length ? new Cut() : new NoCall();
    }
  };
  const strings = (): string => {
    let result = string(false);
    for (;;) {
      const back = at;
      blank();
      if (text[at] !== '"' && text[at] !== "'") {
        at = back;
        return result;
      }
      result += string(false);
    }
  };
  const string = (raw: boolean): string => {
    const quote = text[at] ?? "";
    const triple = text.startsWith(quote.repeat(3), at);
    const close = triple ? quote.repeat(3) : quote;
    at += close.length;
    let result = "";
    let from = at;
    for (; at < text.length; at++) {
      if (text[at] === "\\") {
        if (raw) {
          at++;
          continue;
        }
        result += text.slice(from, at) + escape();
        from = at + 1;
      } else if (text.startsWith(close, at)) {
        result += text.slice(from, at);
        at += close.length;
        return result;
      }
    }
    throw new Cut();
  };
  const escape = (): string => {
    const next = text[++at];
    if (next === undefined) throw new Cut();
    const size = next === "x" ? 2 : next === "u" ? 4 : next === "U" ? 8 : 0;
    if (size) {
      const hex = text.slice(at + 1, at + 1 + size);
      if (hex.length === size && /^[0-9a-fA-F]+$/.test(hex) && parseInt(hex, 16) <= 0x10ffff) {
        at += size;
        return String.fromCodePoint(parseInt(hex, 16));
      }
    }
    return ESCAPES[next] ?? `\\${next}`;
  };
  const sticky = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };

  try {
    blank();
    const bracketed = text[at] === "[";
    if (bracketed) at++;
    for (;;) {
      blank();
      if (bracketed && text[at] === "]") {
        at++;
        return { calls, end: at };
      }
      if (at >= text.length) return bracketed || calls.length === 0 ? "cut" : { calls, end: at };
      calls.push(call());
      const end = at;
      blank();
      if (text[at] === "," || text[at] === ";") at++;
      else if (!bracketed && !/[\p{L}_]/u.test(text[at] ?? "1")) return { calls, end };
    }
  } catch (error) {
    if (error instanceof Cut) return "cut";
    if (error instanceof NoCall || error instanceof RangeError) return undefined;
    throw error;
  }
}

function propertiesOf(name: string, context: BlockContext): Record<string, unknown> {
  const tool = context.names.resolve(name);
  const schema = tool && (context.schemaOf(tool.name) as { properties?: unknown } | undefined);
  const properties = schema?.properties;
  return typeof properties === "object" && properties !== null ? (properties as Record<string, unknown>) : {};
}

class Cut extends Error {}
class NoCall extends Error {}

const WORDS: Record<string, unknown> = {
  True: true,
  False: false,
  None: null,
  true: true,
  false: false,
  null: null,
};
const ESCAPES: Record<string, string | undefined> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "0": "\0",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
  a: "\x07",
  v: "\v",
};
