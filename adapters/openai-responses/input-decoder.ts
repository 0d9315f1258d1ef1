import { unwrapCustomInput } from "../custom-tools.ts";

export interface InputDecoder {
  /** Takes a piece of the arguments' JSON text; gives the piece of the tool's own text it holds. */
  push: (json: string) => string;
  /** What is left of the text when the arguments are over. */
  end: () => string;
}

/**
 * The free text of a custom call out of its arguments `{"input": "…"}` while they come, cut anywhere, also within an
 * escape or a surrogate pair. Arguments of another form are understood only as a whole, at the end. Linear.
 */
export function createInputDecoder(): InputDecoder {
  let mode: "begin" | "string" | "over" | "other" = "begin";
  /** How much of the beginning was seen. */
  let matched = 0;
  /** All text of arguments that may have another form. */
  let whole = "";
  /** An escape that is not complete yet, from its backslash on. */
  let escape = "";
  /** The first half of a pair, until its second one comes: a strict reader refuses half a character. */
  let half = "";

  const begin = (json: string): string => {
    for (let at = 0; at < json.length; at++) {
      if (json[at] === HEAD[matched]) matched++;
      else if (!SPACE.has(json[at] ?? "") || IN_KEY.has(matched)) {
        mode = "other";
        return "";
      }
      if (matched < HEAD.length) continue;
      mode = "string";
      return pair(read(json.slice(at + 1)));
    }
    return "";
  };
  const read = (json: string): string => {
    let text = "";
    let from = 0;
    for (let at = 0; at < json.length; at++) {
      if (escape !== "") {
        escape += json[at];
        from = at + 1;
        const done = unescape(escape);
        if (done === undefined) continue;
        text += done;
        escape = "";
      } else if (json[at] === "\\") {
        text += json.slice(from, at);
        escape = "\\";
        from = at + 1;
      } else if (json[at] === '"') {
        mode = "over";
        return text + json.slice(from, at);
      }
    }
    return text + json.slice(from);
  };
  const pair = (text: string): string => {
    const all = half + text;
    const last = all.charCodeAt(all.length - 1);
    half = last >= 0xd800 && last <= 0xdbff && mode === "string" ? all.slice(-1) : "";
    return half === "" ? all : all.slice(0, -1);
  };
  return {
    push(json) {
      if (mode === "string") return pair(read(json));
      if (mode === "over") return "";
      whole += json;
      return mode === "begin" ? begin(json) : "";
    },
    end() {
      if (mode === "string" || mode === "over") return half;
      return EMPTY.test(whole) ? "" : unwrapCustomInput(whole);
    },
  };
}

/** The whole text of a custom call: what a decoder tells of the same arguments, piece by piece. */
export function decodeInput(args: string): string {
  const decoder = createInputDecoder();
  return decoder.push(args) + decoder.end();
}

/** The character of a complete escape; undefined while more is to come. */
function unescape(escape: string): string | undefined {
  const kind = escape[1] ?? "";
  if (kind !== "u") return SHORT[kind] ?? kind;
  if (escape.length < 6) return undefined;
  const code = Number.parseInt(escape.slice(2), 16);
  return Number.isNaN(code) ? escape.slice(2) : String.fromCharCode(code);
}

const HEAD = '{"input":"';
/** Places in it where white space would belong to the key. */
const IN_KEY: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 7]);
const SPACE: ReadonlySet<string> = new Set([" ", "\t", "\n", "\r"]);
const EMPTY = /^\s*(?:\{\s*\}\s*)?$/;
const SHORT: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
