import { refuse } from "./go-json.ts";

/**
 * The first JSON value of a text, as Go's decoder reads it from a request's body: what comes behind the value is never
 * looked at. Throws GatewayError("invalid-request") in the decoder's own words. Linear, and only for bodies that
 * `JSON.parse` refuses as a whole: it says neither where a value ends nor what Go would have said.
 */
export function decodeGoJson(text: string): unknown {
  return JSON.parse(text.slice(0, findEnd(text)));
}

/** The position behind the first value. */
function findEnd(text: string): number {
  const open: string[] = [];
  let at = skipSpace(text, 0);
  for (;;) {
    const first = text[at];
    if (first === "{" || first === "[") {
      const closing = first === "{" ? "}" : "]";
      at = skipSpace(text, at + 1);
      if (text[at] === closing) at++;
      else {
        open.push(closing);
        if (closing === "}") at = skipKey(text, at);
        continue;
      }
    } else at = skipScalar(text, at);
    at = skipClosed(text, at, open);
    if (open.length === 0) return at;
  }
}

/** From behind a value to the next one: over all that ends here, a comma and a key. */
function skipClosed(text: string, from: number, open: string[]): number {
  let at = from;
  for (let closing = open.at(-1); closing !== undefined; closing = open.at(-1)) {
    at = skipSpace(text, at);
    if (text[at] === ",") {
      at = skipSpace(text, at + 1);
      return closing === "}" ? skipKey(text, at) : at;
    }
    if (text[at] !== closing)
      throw invalid(text, at, closing === "}" ? "after object key:value pair" : "after array element");
    at++;
    open.pop();
  }
  return at;
}

/** Over a key and its colon. */
function skipKey(text: string, from: number): number {
  if (text[from] !== '"') throw invalid(text, from, "looking for beginning of object key string");
  const at = skipSpace(text, skipString(text, from));
  if (text[at] !== ":") throw invalid(text, at, "after object key");
  return skipSpace(text, at + 1);
}

function skipScalar(text: string, at: number): number {
  const first = text[at] ?? "";
  if (first === '"') return skipString(text, at);
  if (first === "-" || isDigit(first)) return skipNumber(text, at);
  const literal = LITERALS.find((word) => word[0] === first);
  if (literal === undefined) throw invalid(text, at, "looking for beginning of value");
  for (let index = 1; index < literal.length; index++) {
    if (text[at + index] === literal[index]) continue;
    throw invalid(text, at + index, `in literal ${literal} (expecting '${literal[index]}')`);
  }
  return at + literal.length;
}

function skipString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') return at + 1;
    if (character < " ") throw invalid(text, at, "in string literal");
    if (character !== "\\") continue;
    const escaped = text[++at] ?? "";
    if (escaped === "u") {
      for (let digits = 0; digits < 4; digits++)
        if (!/[0-9a-f]/i.test(text[++at] ?? ""))
          throw invalid(text, at, "in \\u hexadecimal character escape");
    } else if (escaped === "" || !'"\\/bfnrt'.includes(escaped))
      throw invalid(text, at, "in string escape code");
  }
  throw refuse("unexpected EOF");
}

function skipNumber(text: string, from: number): number {
  let at = text[from] === "-" ? from + 1 : from;
  if (text[at] === "0") at++;
  else at = skipDigits(text, at, "in numeric literal");
  if (text[at] === ".") at = skipDigits(text, at + 1, "after decimal point in numeric literal");
  if (text[at] !== "e" && text[at] !== "E") return at;
  at++;
  if (text[at] === "+" || text[at] === "-") at++;
  return skipDigits(text, at, "in exponent of numeric literal");
}

function skipDigits(text: string, from: number, where: string): number {
  if (!isDigit(text[from] ?? "")) throw invalid(text, from, where);
  let at = from;
  while (isDigit(text[at] ?? "")) at++;
  return at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text[at] as string)) at++;
  return at;
}

const invalid = (text: string, at: number, where: string) =>
  refuse(at >= text.length ? "unexpected EOF" : `invalid character ${quote(text, at)} ${where}`);

/** Go reads bytes: of a character of several it names the first. */
function quote(text: string, at: number): string {
  const byte = Buffer.from(String.fromCodePoint(text.codePointAt(at) ?? 0))[0] ?? 0;
  const character = String.fromCharCode(byte);
  const escaped = ESCAPES.get(character);
  if (escaped !== undefined) return `'${escaped}'`;
  return byte < 0x20 || byte === 0x7f ? `'\\x${byte.toString(16).padStart(2, "0")}'` : `'${character}'`;
}

const isDigit = (character: string): boolean =>
  character >= "0" && character <= "9" && character.length === 1;

const LITERALS = ["true", "false", "null"];
const ESCAPES = new Map([
  ["'", "\\'"],
  ["\\", "\\\\"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);
