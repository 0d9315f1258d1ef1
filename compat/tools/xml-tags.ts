/** The tags that calls with parameters in tags are made of, each matched at the start of a text. */

/** A tag is decided on within this many characters. */
export const TAG_LIMIT = 400;
/** Blanks between tags beyond this are no layout. */
export const BLANK_LIMIT = 2000;

/** Enough of a tag is here to tell what it is. */
export const isWhole = (tag: string): boolean =>
  tag.length >= TAG_LIMIT || tag.includes(">") || (tag.length > 1 && !/[\w/!?｜|]/.test(tag[1] ?? ""));

export function matchStart(pattern: RegExp, text: string): RegExpExecArray | null {
  pattern.lastIndex = 0;
  return pattern.exec(text);
}

export function blanks(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Blanks between GLM's tags, and line breaks that were escaped once too often. */
export function layout(text: string): number {
  let at = blanks(text);
  while (text.startsWith("\\n", at)) at += 2 + blanks(text.slice(at + 2, at + 2 + BLANK_LIMIT));
  return at;
}

/** Templates put a value on lines of its own: one line break on each side is layout. */
export function stripLines(text: string): string {
  const from = text.startsWith("\r\n") ? 2 : text.startsWith("\n") ? 1 : 0;
  const to = text.endsWith("\r\n")
    ? text.length - 2
    : text.endsWith("\n") && text.length > from
      ? text.length - 1
      : text.length;
  return text.slice(from, to);
}

/** A value of one line with a blank on each side, or on a line of its own between indented tags: layout. */
export function unpad(text: string, raw: string): string {
  if (text.length > 10_000 || text.trim() === "") return text;
  if (/^ \S[^\n]* $/.test(text) && !/^ {2}| {2}$/.test(text)) return text.slice(1, -1);
  return /^\r?\n[ \t]+\S[^\n]*\n[ \t]+$/.test(raw) ? text.trim() : text;
}

export const CALL_OPEN =
  /<(?:[\w-]+:|｜DSML｜)?(?:(?:function|call|tool|invoke)\s{0,8}=\s{0,8}([^<>\n]{1,200}?)\s{0,8}\/?>|(?:function|invoke|tool_call)\s{1,8}(?:name|tool)\s{0,4}=\s{0,4}(?:"([^"<>\n]{1,200})"|'?([^\s"'<>]{1,200})'?)[^<>]{0,100}>)/y;
export const CALL_CLOSE =
  /<\/(?:[\w-]+:|｜DSML｜)?(?:function|invoke|call|tool)(?:=[^<>\n]{0,100})?\s{0,8}>/y;
export const PARAMETER_OPEN =
  /<(?:[\w-]+:|｜DSML｜)?(?:(?:parameter|param)\s{0,4}=\s{0,8}([^<>\n]{1,200}?)\s{0,8}\/?>|(?:parameter|param|argument|arg)\s{1,8}(?:name|key)\s{0,4}=\s{0,4}(?:"([^"<>\n]{1,200})"|'?([^\s"'<>]{1,200})'?)[^<>]{0,200}>)/y;
export const KEY_OPEN =
  /<arg_key>((?:(?!<\/arg_key>)[\s\S]){0,200})<\/arg_key>(?:\s|\\n){0,100}(?:<arg_value>|(?=[^\s<]))/y;
export const NEXT_CALL = /<(?:[\w-]+:)?(?:tool_calls?|function_calls)>|<function=[\w.-]/y;
export const PARAMETER_CLOSE =
  /<\/(?:[\w-]+:|｜DSML｜)?(?:parameter|param|argument|arg|arg_value)(?:=[^<>\n]{0,100})?\s{0,8}>/y;
export const STRUCTURE = [
  CALL_OPEN,
  CALL_CLOSE,
  PARAMETER_OPEN,
  /<arg_key>/y,
  /<\/?(?:[\w-]+:|｜DSML｜)?(?:tool_calls?|function_calls|parameters)>/y,
  /<parameter>/y,
];
export const RESERVED =
  /^(?:function|invoke|parameter|param|tool_call|tool_calls|tool_name|arg_key|arg_value)$/;
