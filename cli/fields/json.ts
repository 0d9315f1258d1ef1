import { createScanner, parse, parseTree, type Node, type ParseError } from "jsonc-parser";
import {
  endOfLine,
  FieldProblem,
  lineStart,
  splice,
  toName,
  type Format,
  type Path,
  type Placed,
} from "./format.ts";

/** JSON, with comments and trailing commas where a program allows them. */
export const json: Format = {
  parse(text) {
    const errors: ParseError[] = [];
    const data: unknown = parse(text, errors, OPTIONS);
    const [first] = errors;
    if (!first) return data;
    const line = text.slice(0, first.offset).split("\n").length;
    throw new FieldProblem(`line ${line}: expected JSON`);
  },

  find(text, path) {
    const { node, known } = walk(text, path);
    return node && known === path.length ? { start: node.offset, end: node.offset + node.length } : undefined;
  },

  set(text, path, value) {
    const { node, known } = walk(text, path);
    const style = toStyle(text, node);
    if (!node) {
      const start = text === "" || /\n[ \t]*$/.test(text) ? "" : style.eol;
      return place(
        text.length,
        "",
        start,
        { ...style, indent: "" },
        { path, value, known: -1, end: style.eol },
      );
    }
    if (known === path.length || node.type === "null") {
      const before = text.slice(node.offset, node.offset + node.length);
      return place(
        node.offset,
        before,
        "",
        { ...style, indent: indentOf(text, node.offset) },
        { path, value, known },
      );
    }
    if (node.type !== "object")
      throw new FieldProblem(
        `${toName(path.slice(0, known)) || "the file"}: expected an object, got ${node.type}`,
      );
    return insert(text, node, style, { path, value, known });
  },

  remove(text, path, known) {
    const { node, known: found } = walk(text, path);
    if (!node || found < path.length) return text;
    let target = node;
    // What holds nothing else goes with it.
    for (let depth = path.length; depth - 1 > known && target.parent?.parent; depth--) {
      const holder: Node = target.parent.parent;
      if ((holder.children?.length ?? 0) > 1) break;
      target = holder;
    }
    return target.parent
      ? removeMember(text, target.parent)
      : splice(text, target.offset, target.offset + target.length, "");
  },
};

const OPTIONS = { allowTrailingComma: true, allowEmptyContent: true };

/** As far down the path as there is something. Of two members with one name, the last one counts. */
function walk(text: string, path: Path): { node: Node | undefined; known: number } {
  let node = parseTree(text, [], OPTIONS);
  let known = 0;
  for (const step of path) {
    if (typeof step !== "string") throw new FieldProblem(`${toName(path)}: JSON lists are not changed`);
    const next: Node | undefined =
      node?.type === "object"
        ? node.children?.findLast((member) => member.children?.[0]?.value === step)?.children?.[1]
        : undefined;
    if (!next) break;
    node = next;
    known++;
  }
  return { node, known };
}

interface Style {
  eol: string;
  unit: string;
  indent: string;
}

/** How the file is written: its line ends, one step of indentation, and the indentation of the members of `node`. */
function toStyle(text: string, node: Node | undefined): Style {
  let root = node;
  while (root?.parent) root = root.parent;
  const first = root?.type === "object" ? root.children?.[0] : undefined;
  const unit = (first && ownIndent(text, first.offset)) || "  ";
  const last = node?.type === "object" ? node.children?.at(-1) : undefined;
  const own = last && ownIndent(text, last.offset);
  return { eol: endOfLine(text), unit, indent: own ?? `${node ? indentOf(text, node.offset) : ""}${unit}` };
}

/** The blanks before a place, if it is the first thing in its line. */
function ownIndent(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

const indentOf = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";

interface Wanted {
  path: Path;
  value: unknown;
  known: number;
  /** What follows the value. */
  end?: string;
}

/** A change that ends in the value itself, within what has to be made around it. */
function place(at: number, before: string, start: string, style: Style, wanted: Wanted): Placed {
  const { path, value, known, end = "" } = wanted;
  const { text, anchor } = nest(path.slice(Math.max(known, 0)), value, style);
  return { at, before, after: start + text + end, anchor: start.length + anchor, known };
}

/** The value within objects for the steps that are left. */
function nest(path: Path, value: unknown, style: Style): { text: string; anchor: number } {
  const [step, ...rest] = path;
  if (step === undefined) {
    const text = JSON.stringify(value, undefined, style.unit).replaceAll("\n", style.eol + style.indent);
    return { text, anchor: 0 };
  }
  const deeper = style.indent + style.unit;
  const start = `{${style.eol}${deeper}${JSON.stringify(step)}: `;
  const inner = nest(rest, value, { ...style, indent: deeper });
  return { text: `${start}${inner.text}${style.eol}${style.indent}}`, anchor: start.length + inner.anchor };
}

function insert(text: string, object: Node, style: Style, wanted: Wanted): Placed {
  const name = `${JSON.stringify(wanted.path[wanted.known])}: `;
  const member = { ...wanted, known: wanted.known + 1 };
  const done = (placed: Placed): Placed => ({ ...placed, known: wanted.known });
  const close = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  if (!last) {
    const inner = text.slice(object.offset + 1, close);
    const at = object.offset + 1 + inner.trimEnd().length;
    const end = style.eol + indentOf(text, object.offset);
    const start = style.eol + style.indent + name;
    return done(place(at, text.slice(at, close), start, style, { ...member, end }));
  }
  const at = last.offset + last.length;
  const { comma, tail } = readTail(text, at, close);
  const before = text.slice(at, tail);
  const end = comma ? "," : "";
  if (text.slice(object.offset, last.offset).includes("\n") || text.slice(tail, close).includes("\n")) {
    const start = `${comma ? "" : ","}${before}${style.eol}${style.indent}${name}`;
    return done(place(at, before, start, style, { ...member, end }));
  }
  const flat = { eol: " ", unit: "", indent: "" };
  return done(place(at, before, `${comma ? "" : ","}${before} ${name}`, flat, { ...member, end }));
}

/** What follows the last member: whether a comma does, and where what belongs to it (a comment in its line) ends. */
function readTail(text: string, from: number, close: number): { comma: boolean; tail: number } {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  let [comma, tail, inLine] = [false, from, true];
  while (scanner.scan() !== EOF && scanner.getTokenOffset() < close) {
    const token = scanner.getToken();
    const end = scanner.getTokenOffset() + scanner.getTokenLength();
    if (token === LINE_BREAK) inLine = false;
    if (token === COMMA) comma = true;
    const isComment = token === LINE_COMMENT || token === BLOCK_COMMENT;
    if (token === COMMA || (isComment && inLine)) tail = end;
  }
  return { comma, tail };
}

// The scanner's tokens; the package declares them as a constant enum, which does not exist when it runs.
const [COMMA, LINE_COMMENT, BLOCK_COMMENT, LINE_BREAK, EOF] = [5, 12, 13, 14, 17] as number[];

function removeMember(text: string, member: Node): string {
  const siblings = member.parent?.children ?? [];
  const index = siblings.indexOf(member);
  const previous = siblings[index - 1];
  const end = member.offset + member.length;
  const comma = /^[ \t\r\n]*,/.exec(text.slice(end))?.[0].length ?? 0;
  let [from, to] = [member.offset, end + comma];
  let result = text;
  const start = lineStart(text, from);
  const rest = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(to))?.[0];
  if (/^[ \t]*$/.test(text.slice(start, from)) && rest !== undefined) [from, to] = [start, to + rest.length];
  else if (comma > 0) to += /^[ \t]*/.exec(text.slice(to))?.[0].length ?? 0;
  result = splice(result, from, to, "");
  if (comma > 0 || !previous) return result;
  // It was the last one: the comma before it goes, too.
  const before = previous.offset + previous.length;
  const at = before + readTail(text, before, member.offset).tail - before;
  const dot = text.slice(before, at).lastIndexOf(",");
  return dot === -1 ? result : splice(result, before + dot, before + dot + 1, "");
}
