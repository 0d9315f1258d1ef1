import { setOwn, toNumber } from "./json-value.ts";
import { parseJson } from "./parse-json.ts";

/**
 * The mapping a model writes between a tool's tags: keys, nested mappings, lists, block, quoted and folded texts,
 * inline JSON. `undefined` when the text is no such mapping.
 */
export function parseYaml(text: string): Record<string, unknown> | undefined {
  const lines = toLines(text);
  let at = 0;

  const skipEmpty = (): void => {
    while (at < lines.length && /^(#.*)?$/.test(lines[at]?.text ?? "")) at++;
  };
  const mapping = (indent: number, depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (;;) {
      skipEmpty();
      const line = lines[at];
      if (!line || line.indent < indent) return result;
      const key = line.indent === indent && depth <= 32 ? readKey(line.text) : undefined;
      if (!key) throw new NoYaml();
      at++;
      setOwn(result, key.name, valueOf(key.rest, indent, depth));
    }
  };
  const valueOf = (rest: string, indent: number, depth: number): unknown => {
    const first = rest.trim();
    const block = BLOCK.exec(first);
    if (block) return blockText(block, indent);
    if (first === "" || first.startsWith("#")) return nested(indent, depth);
    if (first[0] === "{" || first[0] === "[") return inline(first, indent);
    if (first[0] === '"' || first[0] === "'") return quoted(first);
    return scalar(folded(first.replace(/\s#.*$/, ""), indent));
  };
  const nested = (indent: number, depth: number): unknown => {
    skipEmpty();
    const line = lines[at];
    if (!line) return null;
    if (isItem(line.text)) return line.indent >= indent ? list(line.indent, depth + 1) : null;
    if (line.indent <= indent) return null;
    if (readKey(line.text)) return mapping(line.indent, depth + 1);
    at++;
    return valueOf(line.text, indent, depth + 1);
  };
  const list = (indent: number, depth: number): unknown[] => {
    const result: unknown[] = [];
    for (;;) {
      skipEmpty();
      const line = lines[at];
      if (!line || line.indent !== indent || !isItem(line.text)) return result;
      if (depth > 32) throw new NoYaml();
      const rest = line.text.slice(1).trimStart();
      if (readKey(rest)) {
        const inner = indent + line.text.length - rest.length;
        lines[at] = { indent: inner, text: rest, raw: " ".repeat(inner) + rest };
        result.push(mapping(inner, depth + 1));
      } else {
        at++;
        result.push(valueOf(rest, indent, depth));
      }
    }
  };
  /** A plain text that goes on at a deeper level. */
  const folded = (first: string, indent: number): string => {
    const texts = [first];
    for (let line = lines[at]; line && line.text !== "" && line.indent > indent; line = lines[at]) {
      if (readKey(line.text)) throw new NoYaml();
      texts.push(line.text);
      at++;
    }
    return texts.join(" ");
  };
  const blockText = (block: RegExpExecArray, indent: number): string => {
    const size = Number(block[2] || block[4] || 0);
    const body: string[] = [];
    let inner = size ? indent + size : -1;
    for (let line = lines[at]; line; line = lines[++at]) {
      if (line.text !== "") {
        if (inner === -1) inner = line.indent;
        if (line.indent < inner || line.indent <= indent) break;
      }
      body.push(inner === -1 ? "" : line.raw.slice(inner));
    }
    let end = body.length;
    while (end > 0 && body[end - 1]?.trim() === "") end--;
    const kept = body.slice(0, end);
    const whole = block[1] === ">" ? fold(kept) : kept.join("\n");
    if ((block[3] ?? "") === "-" || whole === "") return whole;
    const blank = body.length - end - (at >= lines.length ? 1 : 0);
    return block[3] === "+" ? whole + "\n".repeat(Math.max(1, blank + 1)) : `${whole}\n`;
  };
  const inline = (first: string, indent: number): unknown => {
    let whole = first;
    for (;;) {
      const reading = parseJson(whole);
      if (reading && !reading.cut && /^\s*(#.*)?$/.test(whole.slice(reading.end))) return reading.value;
      const line = lines[at];
      if (!line || (line.indent <= indent && readKey(line.text)) || whole.length > 50_000) throw new NoYaml();
      whole += `\n${line.raw}`;
      at++;
    }
  };
  /** A quoted text; its line breaks are blanks, as YAML has it. */
  const quoted = (first: string): string => {
    const quote = first[0] ?? "";
    const texts = [first];
    while (!closes(texts.at(-1) ?? "", quote, texts.length === 1)) {
      const line = lines[at];
      if (!line || texts.length > 5000) throw new NoYaml();
      texts.push(line.text);
      at++;
    }
    const whole = texts
      .map((text) => (text === "" ? "\n" : text))
      .join(" ")
      .replace(/ ?\n ?/g, "\n");
    const inner = whole.slice(1, whole.lastIndexOf(quote));
    if (quote === "'") return inner.replaceAll("''", "'");
    const reading = parseJson(`"${inner.replaceAll("\n", "\\n")}"`);
    return typeof reading?.value === "string" ? reading.value : inner;
  };

  try {
    skipEmpty();
    const first = lines[at];
    if (!first || !readKey(first.text)) return undefined;
    const result = mapping(first.indent, 0);
    return at >= lines.length ? result : undefined;
  } catch (error) {
    if (error instanceof NoYaml || error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The mapping in a text that is no YAML because a long text stands in it unquoted: a line with one of `keys` begins a
 * value, which is taken as it stands.
 */
export function salvageYaml(text: string, keys: ReadonlySet<string>): Record<string, string> | undefined {
  const result: Record<string, string> = {};
  let current: { name: string; rest: string; more: string[] } | undefined;
  const finish = (last: boolean): void => {
    if (!current) return;
    const { name, rest, more } = current;
    const single = more.every((line) => line.trim() === "");
    result[name] = single ? rest.trim() : [rest.replace(/^ /, ""), ...(last ? more : more)].join("\n");
    current = undefined;
  };
  for (const line of text.split("\n")) {
    const key = readKey(line);
    if (key && keys.has(key.name) && !Object.hasOwn(result, key.name)) {
      finish(false);
      current = { name: key.name, rest: key.rest, more: [] };
    } else if (current) current.more.push(line);
    else if (line.trim() !== "") return undefined;
  }
  finish(true);
  return Object.keys(result).length ? result : undefined;
}

/** Lines of a folded text: one break between two plain lines is a blank. */
function fold(lines: readonly string[]): string {
  const isPlain = (line: string | undefined): boolean => line !== undefined && /^\S/.test(line);
  return lines
    .map((line, index) => {
      if (index === 0) return line;
      return (isPlain(line) && isPlain(lines[index - 1]) ? " " : "\n") + line;
    })
    .join("");
}

interface Line {
  indent: number;
  text: string;
  raw: string;
}

function toLines(text: string): Line[] {
  return text.split("\n").map((line) => {
    const raw = line.endsWith("\r") ? line.slice(0, -1) : line;
    return { indent: raw.length - raw.trimStart().length, text: raw.trim(), raw };
  });
}

function readKey(text: string): { name: string; rest: string } | undefined {
  const match = KEY.exec(text);
  return match
    ? { name: match[1] ?? match[2] ?? match[3] ?? "", rest: text.slice(match[0].length) }
    : undefined;
}

const isItem = (text: string): boolean => /^-(\s|$)/.test(text);

function closes(text: string, quote: string, first: boolean): boolean {
  const body = first ? text.slice(1) : text;
  let at = 0;
  for (; at < body.length; at++) {
    if (quote === '"' && body[at] === "\\") at++;
    else if (body[at] === quote) {
      if (quote === "'" && body[at + 1] === "'") at++;
      else break;
    }
  }
  if (at >= body.length) return false;
  if (!/^\s*(#.*)?$/.test(body.slice(at + 1))) throw new NoYaml();
  return true;
}

function scalar(text: string): unknown {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (/^(null|~)$/i.test(text)) return null;
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return toNumber(text);
  return text;
}

class NoYaml extends Error {}

const KEY = /^(?:"([^"]{1,128})"|'([^']{1,128})'|([A-Za-z_$][\w.$-]{0,127}))\s{0,8}:(?=\s|$)/;
const BLOCK = /^([|>])(\d?)([+-]?)(\d?)\s*(?:#.*)?$/;
