import { parseEnv } from "node:util";
import { endOfLine, FieldProblem, nextLine, splice, type Format, type Path, type Range } from "./format.ts";

/** A `.env` file: one `NAME=value` a line. */
export const dotenv: Format = {
  parse: (text) => ({ ...parseEnv(text) }),

  find: (text, path) => findLine(text, toVariable(path))?.value,

  set(text, path, value) {
    const name = toVariable(path);
    const put = toValue(String(value));
    const line = findLine(text, name);
    if (line) {
      const { start, end } = line.value;
      return { at: start, before: text.slice(start, end), after: put, anchor: 0, known: 1 };
    }
    const isOpen = text !== "" && !text.endsWith("\n");
    const start = `${isOpen ? endOfLine(text) : ""}${name}=`;
    const after = `${start}${put}${isOpen ? "" : endOfLine(text)}`;
    return { at: text.length, before: "", after, anchor: start.length, known: 0 };
  },

  remove(text, path) {
    const line = findLine(text, toVariable(path));
    return line ? splice(text, line.start, nextLine(text, line.value.end), "") : text;
  },
};

interface Line {
  start: number;
  value: Range;
}

/** The last line that sets the variable: that is the one that counts. */
function findLine(text: string, name: string): Line | undefined {
  let found: Line | undefined;
  for (let start = 0; start < text.length;) {
    const head = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/.exec(
      text.slice(start, nextLine(text, start)),
    );
    if (!head) {
      start = nextLine(text, start);
      continue;
    }
    const from = start + head[0].replace(/[\r\n]+$/, "").length;
    const to = valueEnd(text, from);
    if (head[1] === name) found = { start, value: { start: from, end: to } };
    start = nextLine(text, to);
  }
  return found;
}

/** A quoted value may go over several lines; any other ends before a comment and the blanks at the end of its line. */
function valueEnd(text: string, from: number): number {
  const quote = text[from];
  if (quote === '"' || quote === "'" || quote === "`") {
    const close = text.indexOf(quote, from + 1);
    if (close !== -1) return close + 1;
  }
  const rest = text.slice(from, nextLine(text, from)).replace(/#.*$/s, "");
  return from + rest.trimEnd().length;
}

const toValue = (value: string): string => {
  if (/^[\w:/.@%+,~-]*$/.test(value)) return value;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
  if (quote === undefined || /[\r\n]/.test(value)) throw new FieldProblem("a value that no quotes can hold");
  return quote + value + quote;
};

function toVariable(path: Path): string {
  const [name] = path;
  if (typeof name === "string" && path.length === 1) return name;
  throw new FieldProblem("expected the name of one variable");
}
