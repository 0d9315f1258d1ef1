import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
} from "yaml";
import {
  endOfLine,
  FieldProblem,
  lineEnd,
  lineStart,
  nextLine,
  splice,
  toName,
  type Format,
  type Path,
  type Placed,
  type Step,
} from "./format.ts";

/** YAML: members are put after the last one of their map, items after the last one of their list. */
export const yaml: Format = {
  parse(text) {
    const data: unknown = parse(text).toJS({ maxAliasCount: 100 });
    return data ?? undefined;
  },

  find(text, path) {
    const { node, known } = walk(text, path);
    if (!node || known < path.length) return undefined;
    return { start: rangeOf(node)[0], end: endOf(text, node) };
  },

  set(text, path, value) {
    const found = walk(text, path);
    const { node, known } = found;
    const eol = endOfLine(text);
    if (!node) return { ...append(text, toBlock(path, value, "", eol), eol), known: -1 };
    const [start, end] = rangeOf(node);
    if (known === path.length) {
      const gap = start === end ? " " : "";
      return {
        at: start,
        before: text.slice(start, endOf(text, node)),
        after: gap + toFlow(value),
        anchor: gap.length,
        known,
      };
    }
    const rest = path.slice(known);
    if (isScalar(node) && node.value === null) {
      if (known === 0) return { ...append(text, toBlock(rest, value, "", eol), eol), known };
      const indent = `${" ".repeat(column(text, found.keyStart))}  `;
      const block = toBlock(rest, value, indent, eol);
      // A comment stays in the line it is in.
      const stop = lineEnd(text, end);
      const lead = text.slice(end, stop) + eol;
      const before = text.slice(start, stop);
      return { at: start, before, after: lead + block.text, anchor: lead.length + block.anchor, known };
    }
    const isList = typeof rest[0] === "object";
    if (isList ? !isSeq(node) : !isMap(node))
      throw new FieldProblem(
        `${toName(path.slice(0, known)) || "the file"}: expected a ${isList ? "list" : "map"}`,
      );
    if ((isMap(node) || isSeq(node)) && node.flow) return { ...insertFlow(text, node, rest, value), known };
    const block = toBlock(rest, value, " ".repeat(column(text, start)), eol);
    return { ...insertAfter(text, end, block, eol), known };
  },

  remove(text, path, known) {
    const found = walk(text, path);
    if (!found.node || found.known < path.length) return text;
    let { trail } = found;
    for (let depth = path.length; depth - 1 > known && depth > 1; depth--) {
      const holder = trail[depth - 1]?.holder;
      const own = typeof path[depth - 2] === "object" ? 1 : 0;
      if ((isMap(holder) || isSeq(holder)) && holder.items.length > 1 + own) break;
      trail = trail.slice(0, depth - 1);
    }
    const last = trail.at(-1);
    if (!last || ((isMap(last.holder) || isSeq(last.holder)) && last.holder.flow)) return text;
    const end = last.end > last.start && text[last.end - 1] === "\n" ? last.end : nextLine(text, last.end);
    return splice(text, lineStart(text, last.start), end, "");
  },
};

function parse(text: string): Document {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  const list = Array.isArray(documents) ? documents : [];
  const first = list[0] as Document | undefined;
  if (list.length > 1) throw new FieldProblem("several documents in one file");
  const problem = first?.errors[0];
  if (problem) throw new FieldProblem(`line ${lines.linePos(problem.pos[0]).line}: ${problem.code}`);
  return first ?? ({ contents: null, toJS: () => undefined } as unknown as Document);
}

interface Stop {
  holder: Node;
  /** Of the member or item as a whole. */
  start: number;
  end: number;
}

interface Walked {
  node: Node | undefined;
  known: number;
  /** Where the name of the last member found begins. */
  keyStart: number;
  trail: Stop[];
}

/** As far down the path as there is something. */
function walk(text: string, path: Path): Walked {
  let node = (parse(text).contents ?? undefined) as Node | undefined;
  const trail: Stop[] = [];
  let keyStart = 0;
  for (const [known, step] of path.entries()) {
    const next: { node: Node; start: number } | undefined = node && child(node, step);
    if (!node || !next) return { node, known, keyStart, trail };
    // An item begins at its dash.
    const start = isSeq(node) && !node.flow ? text.lastIndexOf("-", next.start) : next.start;
    trail.push({ holder: node, start, end: rangeOf(next.node)[1] });
    keyStart = start;
    node = next.node;
  }
  return { node, known: path.length, keyStart, trail };
}

function child(node: Node, step: Step): { node: Node; start: number } | undefined {
  if (typeof step === "string") {
    if (!isMap(node)) return undefined;
    const pair = (node.items as Pair<Node, Node | null>[]).find(
      ({ key }) => isScalar(key) && key.value === step,
    );
    return pair?.value ? { node: pair.value, start: rangeOf(pair.key)[0] } : undefined;
  }
  if (!isSeq(node)) return undefined;
  const item = node.items.find((one) => isMap(one) && one.get(step.key) === step.value) as Node | undefined;
  return item && { node: item, start: rangeOf(item)[0] };
}

const rangeOf = (node: Node): [number, number, number] => node.range ?? [0, 0, 0];

/** Block texts end behind their line end, which is not theirs when they are replaced. */
function endOf(text: string, node: Node): number {
  const [start, end] = rangeOf(node);
  return end > start && text[end - 1] === "\n"
    ? lineEnd(text, end - 1) - (text[end - 2] === "\r" ? 1 : 0)
    : end;
}

const column = (text: string, offset: number): number => offset - lineStart(text, offset);

interface Block {
  text: string;
  anchor: number;
}

/** The value within what is left of the path, as lines; the last one without its end. */
function toBlock(path: Path, value: unknown, indent: string, eol: string): Block {
  const [step, ...rest] = path;
  if (step === undefined) return { text: toFlow(value), anchor: 0 };
  if (typeof step === "object") {
    const inner = toBlock(rest, value, `${indent}  `, eol);
    const start = `${indent}- ${toFlow(step.key)}: ${toFlow(step.value)}${eol}`;
    return { text: start + inner.text, anchor: start.length + inner.anchor };
  }
  const name = `${indent}${toFlow(step)}:`;
  const start = rest.length === 0 ? `${name} ` : `${name}${eol}`;
  const inner = toBlock(rest, value, `${indent}  `, eol);
  return { text: start + inner.text, anchor: start.length + inner.anchor };
}

function append(text: string, block: Block, eol: string): Omit<Placed, "known"> {
  const isOpen = text !== "" && !text.endsWith("\n");
  const start = isOpen ? eol : "";
  const after = start + block.text + (isOpen ? "" : eol);
  return { at: text.length, before: "", after, anchor: start.length + block.anchor };
}

/** After the line in which the last thing ends; block texts end behind their line end. */
function insertAfter(text: string, end: number, block: Block, eol: string): Omit<Placed, "known"> {
  if (text[end - 1] === "\n") return { at: end, before: "", after: block.text + eol, anchor: block.anchor };
  const at = lineEnd(text, end);
  return { at, before: "", after: eol + block.text, anchor: eol.length + block.anchor };
}

function insertFlow(text: string, node: Node, rest: Path, value: unknown): Omit<Placed, "known"> {
  const [start, end] = rangeOf(node);
  const inner = text.slice(start + 1, end - 1);
  const at = start + 1 + inner.trimEnd().length;
  const isEmpty = inner.trim() === "";
  const comma = isEmpty || inner.trimEnd().endsWith(",") ? "" : ", ";
  const flow = toFlowPath(rest, value);
  return { at, before: "", after: comma + flow.text, anchor: comma.length + flow.anchor };
}

function toFlowPath([step, ...rest]: Path, value: unknown): Block {
  if (step === undefined) return { text: toFlow(value), anchor: 0 };
  const inner = toFlowPath(rest, value);
  const isNested = rest.length > 0;
  if (typeof step === "object") {
    const start = `{ ${toFlow(step.key)}: ${toFlow(step.value)}, `;
    return { text: `${start}${inner.text} }`, anchor: start.length + inner.anchor };
  }
  const open = isNested && typeof rest[0] === "object" ? "[" : isNested ? "{ " : "";
  const close = open === "[" ? "]" : open === "" ? "" : " }";
  const start = `${toFlow(step)}: ${open}`;
  return { text: start + inner.text + close, anchor: start.length + inner.anchor };
}

/** JSON is YAML; words that mean nothing else go without quotes. */
const toFlow = (value: unknown): string =>
  typeof value === "string" && WORD.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);

const WORD = /^[A-Za-z][\w.-]*$/;
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
