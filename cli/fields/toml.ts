import { getStaticTOMLValue, ParseError, parseTOML, type AST } from "toml-eslint-parser";
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
} from "./format.ts";

/** TOML: keys are put after the last one of their table, tables at the end. */
export const toml: Format = {
  parse: (text) => getStaticTOMLValue(parse(text)),

  find(text, path) {
    const found = list(parse(text)).lines.find((line) => isSame(line.path, toNames(path)));
    return found && { start: found.node.value.range[0], end: found.node.value.range[1] };
  },

  set(text, path, value) {
    const names = toNames(path);
    const { lines, tables, first } = list(parse(text));
    const known = countKnown(names, [
      ...lines.map((line) => line.path),
      ...tables.map((table) => table.path),
    ]);
    const own = lines.find((line) => isSame(line.path, names));
    if (own) {
      const [at, end] = own.node.value.range;
      return { at, before: text.slice(at, end), after: toToml(value), anchor: 0, known };
    }
    const eol = endOfLine(text);
    const holder = names.slice(0, -1);
    // A sister written with dots (`a.b = 1`) has to be followed by its like: TOML lets no table be opened twice.
    const sister = lines.findLast((line) => line.table < holder.length && isWithin(line.path, holder));
    const table = tables.find((one) => isSame(one.path, holder));
    if (sister || table) {
      const last = sister?.node ?? table?.node.body.at(-1);
      const at = lineEnd(text, last?.range[1] ?? headerEnd(table?.node));
      return toPlaced(at, eol, names.slice(sister?.table ?? holder.length), { value, known });
    }
    if (holder.length === 0) {
      const last = lines.findLast((line) => line.table === 0);
      if (last) return toPlaced(lineEnd(text, last.node.range[1]), eol, names, { value, known });
      const isOpen = text !== "" && !text.endsWith("\n");
      // Before the first table: what comes after its header is in it.
      if (first) return toPlaced(lineStart(text, first.range[0]), "", names, { value, known, end: eol });
      return toPlaced(text.length, isOpen ? eol : "", names, { value, known, end: isOpen ? "" : eol });
    }
    const isOpen = text !== "" && !text.endsWith("\n");
    const gap = text === "" ? "" : isOpen ? eol + eol : eol;
    const start = `${gap}[${holder.map(toKey).join(".")}]${eol}`;
    return toPlaced(text.length, start, names.slice(-1), { value, known, end: isOpen ? "" : eol });
  },

  remove(text, path, known) {
    const names = toNames(path);
    const line = list(parse(text)).lines.find((one) => isSame(one.path, names));
    if (!line) return text;
    const [start, end] = line.node.range;
    const rest = splice(text, lineStart(text, start), nextLine(text, end), "");
    const table = list(parse(rest)).tables.find((one) => isSame(one.path, names.slice(0, -1)));
    if (!table || table.node.body.length > 0 || names.length - 1 <= known) return rest;
    const header = table.node.range[0];
    return splice(rest, lineStart(rest, header), nextLine(rest, headerEnd(table.node)), "");
  },
};

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof ParseError) throw new FieldProblem(`line ${error.lineNumber}: ${error.message}`);
    throw error;
  }
}

interface Line {
  path: string[];
  /** How many names its table has. */
  table: number;
  node: AST.TOMLKeyValue;
}

interface Table {
  path: string[];
  node: AST.TOMLTable;
}

/** All `key = value` lines and all tables; what is in lists of tables is not looked at. */
function list(program: AST.TOMLProgram): {
  lines: Line[];
  tables: Table[];
  first: AST.TOMLTable | undefined;
} {
  const lines: Line[] = [];
  const tables: Table[] = [];
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") {
      lines.push({ path: keysOf(node.key), table: 0, node });
      continue;
    }
    const path = node.resolvedKey.map(String);
    if (node.resolvedKey.some((key) => typeof key === "number")) continue;
    tables.push({ path, node });
    for (const line of node.body)
      lines.push({ path: [...path, ...keysOf(line.key)], table: path.length, node: line });
  }
  const first = program.body[0].body.find((node) => node.type === "TOMLTable");
  return { lines, tables, first };
}

const keysOf = (key: AST.TOMLKey): string[] =>
  key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));

const headerEnd = (table: AST.TOMLTable | undefined): number => table?.key.range[1] ?? 0;

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && isWithin(a, b);

const isWithin = (path: readonly string[], holder: readonly string[]): boolean =>
  path.length >= holder.length && holder.every((name, index) => path[index] === name);

function countKnown(names: string[], paths: string[][]): number {
  for (let depth = names.length; depth > 0; depth--)
    if (paths.some((path) => isWithin(path, names.slice(0, depth)))) return depth;
  return 0;
}

function toPlaced(
  at: number,
  start: string,
  names: string[],
  { value, known, end = "" }: { value: unknown; known: number; end?: string },
): Placed {
  const before = `${start}${names.map(toKey).join(".")} = `;
  return { at, before: "", after: before + toToml(value) + end, anchor: before.length, known };
}

const toKey = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));

// JSON's strings, numbers and truth values are TOML's as well; its lists of them, too.
const toToml = (value: unknown): string => JSON.stringify(value);

function toNames(path: Path): string[] {
  return path.map((step) => {
    if (typeof step === "string") return step;
    throw new FieldProblem(`${toName(path)}: lists of tables are not changed`);
  });
}
