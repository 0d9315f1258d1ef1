import { isDeepStrictEqual } from "node:util";
import { readPath, withPath } from "./data-path.ts";
import { FieldProblem, splice, toName, type Format, type Path } from "./format.ts";

export interface Field {
  path: Path;
  value: unknown;
  /** Leave what is there already. */
  ifAbsent?: boolean;
  /** For what its program rewrites by itself: it counts as unchanged while this part of it is what was set. */
  mark?: Path;
}

/** A field that was set, and what is needed to take just that back. */
export interface SetField extends Omit<Field, "ifAbsent"> {
  /** The text that was put, what stood there, and where in it the value is. */
  after: string;
  before: string;
  anchor: number;
  known: number;
  /** What was made stands in place of a null. */
  wasNull?: boolean;
}

/** Sets fields one after the other. What has its value already stays as it is, and is none of ours to take back. */
export function applyFields(
  format: Format,
  text: string,
  fields: readonly Field[],
): { text: string; set: SetField[] } {
  const set: SetField[] = [];
  let data = format.parse(text);
  for (const { path, value, ifAbsent, mark } of fields) {
    const current = readPath(data, path);
    if (isDeepStrictEqual(current, value) || (ifAbsent && current !== undefined)) continue;
    const { at, before, after, anchor, known } = format.set(text, path, value);
    const next = splice(text, at, at + before.length, after);
    const meant = withPath(data, path, value);
    // Settings files are other people's: what does not come out exactly as meant is not written.
    if (!isDeepStrictEqual(tryParse(format, next), meant))
      throw new FieldProblem(`${toName(path)}: cannot be set without touching what is around it`);
    const wasNull = known > 0 && known < path.length && readPath(data, path.slice(0, known)) === null;
    set.push({
      path,
      value,
      after,
      before,
      anchor,
      known,
      ...(wasNull && { wasNull }),
      ...(mark && { mark }),
    });
    text = next;
    data = meant;
  }
  return { text, set };
}

/** Undefined for what cannot be read. */
export function tryParse(format: Format, text: string): unknown {
  try {
    return format.parse(text);
  } catch (error) {
    if (error instanceof FieldProblem) return undefined;
    throw error;
  }
}
