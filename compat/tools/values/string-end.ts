/** Where a string or bare word of broken JSON ends. */

export type Inside = "top" | "object" | "array" | "key";

/**
 * A quote ends its string only if what follows continues the JSON: models forget to escape quotes in code and prose.
 */
export function endsString(
  text: string,
  quote: number,
  inside: Inside,
  close: string,
  torn?: { isKey?: (key: string) => boolean; quotes: number },
): boolean {
  const next = skipBlank(text, quote + 1);
  const character = text[next];
  if (character === undefined) return true;
  if (inside === "key") return character === ":" || character === "=";
  if (inside === "top") return character !== close;
  if (character === "+") return CLOSING_QUOTE[text[skipBlank(text, next + 1)] ?? ""] !== undefined;
  if (character === "/") return text[next + 1] === "/" || text[next + 1] === "*";
  if (character === ",") {
    const after = skipBlank(text, next + 1);
    const start = text[after];
    if (start === undefined || start === "}" || start === "]") return true;
    if (inside === "object") {
      // A key nobody knows counts only where no quotation in the text is open.
      const isKey = torn && torn.quotes % 2 === 1 ? torn.isKey : undefined;
      return startsKey(text, after, isKey) || start === "/";
    }
    return /["'“{[\-\d/tfnTFN]/.test(start);
  }
  if (character !== "}" && character !== "]") {
    // A forgotten comma: the next line begins with a quoted key, or with the list's next string.
    if (!text.slice(quote + 1, next).includes("\n")) return false;
    return inside === "object" ? startsKey(text, next) : inside === "array" && character === close;
  }
  const after = text[skipBlank(text, next + 1)];
  return (
    after === undefined ||
    after === "," ||
    after === "}" ||
    after === "]" ||
    after === "<" ||
    after === ";" ||
    after === "`" ||
    after === "/" ||
    after === ")" ||
    text[next + 1] === "\n" ||
    after === "{" ||
    after === "["
  );
}

/** `"key":` or `key:` begins here; keys are short. */
function startsKey(text: string, at: number, isKey?: (key: string) => boolean): boolean {
  const match = matchAt(
    /(?:"[^"\n]{1,128}"|'[^'\n]{1,128}'|“[^”\n]{1,128}”|[\w$-]{1,128})\s{0,16}:/y,
    text,
    at,
  );
  if (match === undefined || !isKey) return match !== undefined;
  return isKey(
    match
      .slice(0, match.lastIndexOf(":"))
      .trim()
      .replace(/^["'“]|["'”]$/g, ""),
  );
}

export function isWordEnd(text: string, at: number, inside: Inside): boolean {
  const character = text[at] ?? "";
  if (character === "," || character === "}" || character === "]" || character === "\n") return true;
  // `a//b` is a word; `1 // why` and `1// why` end before the comment.
  if (character === "/" && text[at + 1] === "/") return !/[A-Za-z_:/]/.test(text[at - 1] ?? "");
  return inside === "top" && character === "<";
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

export function atLineStart(text: string, at: number): boolean {
  let back = at - 1;
  while (text[back] === " " || text[back] === "\t") back--;
  return back < 0 || text[back] === "\n";
}

export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

export const CLOSING_QUOTE: Record<string, string | undefined> = {
  '"': '"',
  "'": "'",
  "“": "”",
  "‘": "’",
  "”": "”",
  "`": "`",
};
