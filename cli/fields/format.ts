/** A member's name, or the item of a list in which the member `key` is `value`. */
export type Step = string | { key: string; value: string };
export type Path = readonly Step[];

/** Where the text of a value stands. */
export interface Range {
  start: number;
  end: number;
}

/** One change of a text, and where in it the new value is. */
export interface Placed {
  /** Offset of the change. */
  at: number;
  before: string;
  after: string;
  /** Offset of the value's text in `after`. */
  anchor: number;
  /** How many steps of the path name something that was there already. */
  known: number;
}

/**
 * How a kind of settings file is read and changed in place. Everything but `parse` works on the text, so that what is
 * not concerned stays as it is, to the byte. Whoever calls checks the outcome by `parse`.
 */
export interface Format {
  /** The data; undefined where there is none. Throws `FieldProblem` when the text cannot be read. */
  parse: (text: string) => unknown;
  find: (text: string, path: Path) => Range | undefined;
  /** Throws `FieldProblem` where there is no safe place for it. */
  set: (text: string, path: Path, value: unknown) => Placed;
  /** The text without the value; and without what holds it, from `known` steps on, where nothing else is in it. */
  remove: (text: string, path: Path, known: number) => string;
}

/** Why a settings file cannot be changed; the message names the place. */
export class FieldProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FieldProblem";
  }
}

/** The line ends of a text. */
export const endOfLine = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** Where the line that `offset` is in begins. */
export const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

/** Where the line that `offset` is in ends, before its line end. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  if (at === -1) return text.length;
  return text[at - 1] === "\r" && at > offset ? at - 1 : at;
}

/** Where the next line begins; the end of the text where there is none. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at === -1 ? text.length : at + 1;
}

export const splice = (text: string, start: number, end: number, put: string): string =>
  text.slice(0, start) + put + text.slice(end);

/** The path for people: `env.ANTHROPIC_BASE_URL`, `models[name=ccproxy].model`. */
export const toName = (path: Path): string =>
  path
    .map((step, index) =>
      typeof step === "string" ? (index === 0 ? step : `.${step}`) : `[${step.key}=${step.value}]`,
    )
    .join("");
