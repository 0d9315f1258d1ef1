import type { ReadCall } from "../block.ts";
import { setOwn, toNumber } from "./json-value.ts";

/**
 * One call in Gemma's notation, `call:f{key:value,list:[…],object:{…}}`: keys are bare, strings stand between
 * `quote` tokens, or bare where a server strips those. "cut" when it ends too early.
 */
export function readMiniCall(body: string, quote: string): ReadCall | "cut" | undefined {
  const head = /^\s*(?:call:)?\s*([^\s{}:]{1,128}|[^{}:\n]{1,128}?)\s*\{/.exec(body);
  if (!head) return /^[^{]{0,200}$/.test(body) ? "cut" : undefined;
  let at = head[0].length - 1;

  const value = (depth: number, closers: string): unknown => {
    blank();
    if (depth > 64) throw new Error("too deep");
    if (body[at] === "{") return object(depth);
    if (body[at] === "[") return list(depth);
    if (body.startsWith(quote, at)) return quoted(quote);
    if (body[at] === '"') {
      const json = /"(?:[^"\\]|\\.)*"(?=\s*[,}\]])/y;
      json.lastIndex = at;
      const match = json.exec(body)?.[0];
      if (match !== undefined) {
        at += match.length;
        return unquote(match);
      }
    }
    return bare(closers);
  };
  const quoted = (token: string): string => {
    const end = body.indexOf(token, at + token.length);
    if (end === -1) throw new CutOff();
    const text = body.slice(at + token.length, end);
    at = end + token.length;
    return text;
  };
  const bare = (closers: string): unknown => {
    const from = at;
    while (at < body.length && !closers.includes(body[at] ?? "") && !endsBare()) at++;
    const text = body.slice(from, at).trim();
    if (at >= body.length) throw new CutOff();
    if (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return toNumber(text);
    return Object.hasOwn(WORDS, text) ? WORDS[text] : text;
  };
  /** A comma ends a bare text only before the next key: stripped strings hold commas. */
  const endsBare = (): boolean =>
    body[at] === "," && (/,\s{0,4}(?:[\w-]{1,64}|"[^"]{1,64}"):/y.test(rest(at)) || !/^,\s/.test(rest(at)));
  const rest = (from: number): string => body.slice(from, from + 80);
  const object = (depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    at++;
    for (;;) {
      blank();
      if (at >= body.length) throw new CutOff();
      if (body[at] === "}") {
        at++;
        return result;
      }
      if (body[at] === ",") {
        at++;
        continue;
      }
      const key = body.startsWith(quote, at) ? quoted(quote) : bareKey();
      blank();
      if (body[at] === ":") at++;
      setOwn(result, key, value(depth + 1, "}"));
    }
  };
  const bareKey = (): string => {
    const end = body.indexOf(":", at);
    if (end === -1) throw new CutOff();
    const key = body
      .slice(at, end)
      .trim()
      .replace(/^"(.*)"$/, "$1");
    at = end;
    return key;
  };
  const list = (depth: number): unknown[] => {
    const result: unknown[] = [];
    at++;
    for (;;) {
      blank();
      if (at >= body.length) throw new CutOff();
      if (body[at] === "]") {
        at++;
        return result;
      }
      if (body[at] === ",") {
        at++;
        continue;
      }
      result.push(value(depth + 1, "],"));
    }
  };
  const blank = (): void => {
    while (body.charCodeAt(at) <= 32) at++;
  };
  try {
    return { name: (head[1] ?? "").trim(), args: { kind: "value", value: object(0) } };
  } catch (error) {
    return error instanceof CutOff ? "cut" : undefined;
  }
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

class CutOff extends Error {}
const WORDS: Record<string, unknown> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
};
